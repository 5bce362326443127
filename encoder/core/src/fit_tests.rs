use super::*;
use crate::arch::Architecture;
use crate::device::Device;
use crate::input::Input;
use crate::parameters::Spec;
use crate::recipe::Levels;

/// The tensors of a training's network and their initial values; its clips have a descriptor.
fn begun(config: &Config) -> Vec<(Spec, Vec<f32>)> {
    let input = if config.recipe.input == Levels::Log4 { config.arch.input() } else { Input::Power };
    let (genres, descriptor_names) = (["A", "B"].map(String::from), vec!["level".into()]);
    let (strobes, descriptors) = (vec![0x3c; 2 * input.bytes()], vec![1.0, 2.0]);
    let clips = Clips { strobes, genres: vec![0, 1], descriptors, descriptor_names, ..Clips::of(input) };
    let job = Job {
        genres: &genres,
        tags: &[],
        training: &clips,
        validation: &clips,
        config,
        device: Device::Cpu,
        start: None,
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
