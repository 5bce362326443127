use super::*;
use crate::arch::Architecture;
use crate::device::Device;
use crate::input::Input;
use crate::parameters::Spec;
use crate::recipe::Levels;

/// The tensors of a training's network and their initial values; its clips have a descriptor.
fn begun(config: &Config) -> Vec<(Spec, Vec<f32>)> {
    begun_from(config, None, 2)
}

/// The same of one that begins from an encoder, with so many genres.
fn begun_from(config: &Config, start: Option<&[u8]>, genres: usize) -> Vec<(Spec, Vec<f32>)> {
    let input = if config.recipe.input == Levels::Log4 { config.arch.input() } else { Input::Power };
    let genres: Vec<String> = (0..genres).map(|genre| genre.to_string()).collect();
    let descriptor_names = vec!["level".into()];
    let (strobes, descriptors) = (vec![0x3c; 2 * input.bytes()], vec![1.0, 2.0]);
    let clips = Clips { strobes, genres: vec![0, 1], descriptors, descriptor_names, ..Clips::of(input) };
    let job = Job {
        genres: &genres,
        tags: &[],
        training: &clips,
        validation: &clips,
        config,
        device: Device::Cpu,
        start,
        checkpoint: None,
        every: std::time::Duration::MAX,
        resume: false,
        data: "nothing",
    };
    let arch = arch(&job);
    let (parameters, _) = begin(&job, &arch).unwrap();
    arch.plan().specs.into_iter().zip(parameters.values).collect()
}

#[test]
fn heads_without_a_weight_leave_no_trace_in_a_network() {
    let ear = Config { width: 2, ..Config::of(Architecture::Ear) };
    let paper = Config { width: 32, ..Config::authors(Architecture::Paper) };
    for config in [ear, paper] {
        let without = begun(&config);
        let with = begun(&Config { decode: 1.0, describe: 0.5, ..config });
        let (same, heads) = with.split_at(without.len());
        assert!(same == without, "names, shapes and initial values of all that is not a head");
        let names: Vec<&str> = heads.iter().map(|(spec, _)| spec.name.as_str()).collect();
        let [hidden, out] = [["decode.hidden.weight", "decode.hidden.bias"], ["decode.out.weight", "decode.out.bias"]];
        assert_eq!(names, [hidden, out, ["describe.weight", "describe.bias"]].concat());
    }
}

#[test]
fn an_unknown_descriptor_is_the_same_whatever_its_bits() {
    let of = |unknown: f32, known: f32| Clips { descriptors: vec![unknown, known], ..Clips::default() };
    let [one, other, more] =
        [of(f32::NAN, 1.0), of(f32::from_bits(0xffc0_0001), 1.0), of(f32::NAN, 2.0)].map(|clips| hash(&clips, true));
    assert!(one == other && one != more);
    assert_eq!(hash(&of(f32::NAN, 1.0), false), hash(&Clips::default(), true), "nobody learns them");
}

#[test]
fn a_frozen_encoder_gets_gradients_for_its_heads_alone() {
    let strobe = Config { width: 2, decode: 1.0, describe: 0.5, ..Config::of(Architecture::Strobe) };
    let (specs, values): (Vec<Spec>, Vec<Vec<f32>>) = begun(&strobe).into_iter().unzip();
    let mut gradients = Parameters { values };
    hold(&specs, &mut gradients);
    let left = specs.iter().zip(&gradients.values).filter(|(_, own)| !own.is_empty());
    let left: Vec<&str> = left.map(|(spec, _)| spec.name.as_str()).collect();
    let names = ["genre.hidden", "genre.out", "decode.hidden", "decode.out", "describe"];
    let own: Vec<String> = names.iter().flat_map(|n| [format!("{n}.weight"), format!("{n}.bias")]).collect();
    assert_eq!(left, own);
    // The optimiser leaves the rest alone, decay included.
    let before: Vec<Vec<f32>> = specs.iter().map(|spec| vec![1.0; spec.len()]).collect();
    let mut parameters = Parameters { values: before };
    Moving::new(&specs).step(&specs, &mut parameters, &gradients, [0.1, 0.5], &strobe.recipe);
    for (spec, values) in specs.iter().zip(&parameters.values) {
        let same = values.iter().all(|v| *v == 1.0);
        assert!(same || left.contains(&spec.name.as_str()), "{}", spec.name);
    }
}

#[test]
fn the_heads_on_a_frozen_encoder_are_new() {
    // It has eight genres, as many as are learned here.
    let strobe: &[u8] = include_bytes!("../../../models/strobe.safetensors");
    let of = |frozen: bool, start: Option<&[u8]>| {
        let config = Config { frozen, ..Config::of(Architecture::Strobe) };
        begun_from(&config, start, 8)
    };
    let (frozen, tuned, random) = (of(true, Some(strobe)), of(false, Some(strobe)), of(false, None));
    for ((own, tuned), random) in frozen.iter().zip(&tuned).zip(&random) {
        let (spec, values) = own;
        let expected = if is_of_head(&spec.name) { random } else { tuned };
        assert!(*values == expected.1, "{}", spec.name);
    }
    let differ = |name: &str| frozen.iter().zip(&tuned).any(|(own, tuned)| own.0.name == name && own.1 != tuned.1);
    assert!(differ("genre.hidden.weight") && differ("genre.out.weight"));
}

#[test]
fn a_step_shows_a_clip_or_one_of_its_variants() {
    let size = Input::Strobe.bytes();
    let images = |values: &[u8]| values.iter().flat_map(|v| vec![*v; size]).collect::<Vec<u8>>();
    let clips =
        Clips { strobes: images(&[1, 2]), variants: images(&[11, 12, 21, 22]), genres: vec![0, 1], ..Clips::default() };
    let mut rng = fastrand::Rng::with_seed(1);
    for (clip, own) in [[1, 11, 12], [2, 21, 22]].into_iter().enumerate() {
        let drawn: Vec<u8> = (0..50).map(|_| clips.drawn(clip, &mut rng)[0]).collect();
        assert!(own.iter().all(|v| drawn.contains(v)) && drawn.iter().all(|v| own.contains(v)), "{clip}: {drawn:?}");
    }
    let none = Clips { variants: Vec::new(), ..clips.clone() };
    assert_eq!(none.drawn(1, &mut rng), none.image(1));
    assert_ne!(hash(&none, false), hash(&clips, false), "a checkpoint of one is not one of the other");
}
