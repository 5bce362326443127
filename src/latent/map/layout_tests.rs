use super::*;
use crate::latent::DIMS;
use crate::measure::neighbourhood::{Kept, kept};

/// `each` points around each of `clusters` centres, most of whose differences no plane can show.
fn clusters(clusters: usize, each: usize) -> Vec<Latent> {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut noise = move || (0..4).map(|_| rng.f32() - 0.5).sum::<f32>();
    let mut points = Vec::new();
    for _ in 0..clusters {
        let centre: Latent = std::array::from_fn(|_| 4.0 * noise());
        points.extend((0..each).map(|_| -> Latent { std::array::from_fn(|dim| centre[dim] + noise()) }));
    }
    points
}

fn measured(points: &[Latent], at: &[Point]) -> Kept {
    let high = |a: usize, b: usize| points[a].iter().zip(&points[b]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    let low = |a: usize, b: usize| (0..2).map(|axis| (at[a][axis] - at[b][axis]).powi(2)).sum::<f32>();
    kept(points.len(), NEIGHBOURS, 0..points.len(), &high, &low)
}

#[test]
fn neighbours_stay_together_better_than_on_the_principal_plane() {
    let points = clusters(24, 18);
    let map = measured(&points, &fitted(&points, &|_| true).unwrap());
    let plane = measured(&points, &components(&points));
    println!("map {map:?}, principal plane {plane:?}");
    assert!(map.trustworthiness > plane.trustworthiness + 0.02, "{map:?} {plane:?}");
    assert!(map.trustworthiness > 0.9 && map.continuity > 0.9, "{map:?}");
}

#[test]
fn the_same_points_give_the_same_map_within_its_frame() {
    let points = clusters(4, 20);
    let at = fitted(&points, &|_| true).unwrap();
    assert_eq!(at, fitted(&points, &|_| true).unwrap());
    let [low, high] = bounds(&at);
    assert!((high[0] - 1.0).abs() < 1e-3 && (low[0] + 1.0).abs() < 1e-3, "{low:?} {high:?}");
    assert!(low[1] >= -1.001 && high[1] <= 1.001);
}

#[test]
fn few_equal_and_broken_points_are_laid_out_too() {
    for n in 0..5 {
        let at = fitted(&clusters(1, n), &|_| true).unwrap();
        assert!(at.len() == n && at.iter().flatten().all(|v| v.is_finite() && v.abs() <= 1.001), "{n}: {at:?}");
    }
    let mut points = vec![[1.0; DIMS]; 40];
    (points[3], points[5]) = ([f32::NAN; DIMS], [f32::INFINITY; DIMS]);
    let at = fitted(&points, &|_| true).unwrap();
    assert!(at.iter().flatten().all(|v| v.is_finite() && v.abs() <= 1.001), "{at:?}");
}

#[test]
fn a_later_point_is_placed_among_its_neighbours() {
    let points = clusters(5, 30);
    let at = fitted(&points, &|_| true).unwrap();
    let more: Vec<Latent> = points.iter().step_by(30).map(|point| point.map(|v| v + 0.02)).collect();
    let far = |a: Point, b: Point| (a[0] - b[0]).hypot(a[1] - b[1]);
    for (nth, place) in placed(&more, &points, &at, &|_| true).unwrap().into_iter().enumerate() {
        let own = &at[nth * 30..(nth + 1) * 30];
        let nearest = own.iter().map(|p| far(*p, place)).fold(f32::INFINITY, f32::min);
        assert!(nearest < 0.1, "{nth}: {place:?} is {nearest} from its own");
    }
    assert_eq!(placed(&more, &[], &[], &|_| true).unwrap(), [[0.0; 2]; 5]);
    assert!(placed(&[], &points, &at, &|_| true).unwrap().is_empty());
}

#[test]
fn a_layout_is_given_up_at_any_point_of_it() {
    let points = clusters(3, 20);
    for share in [0.0, 0.3, 0.5, 0.9] {
        assert_eq!(fitted(&points, &|done| done <= share), Err(GivenUp), "{share}");
    }
    assert_eq!(placed(&points, &points, &vec![[0.0; 2]; points.len()], &|_| false), Err(GivenUp));
}
