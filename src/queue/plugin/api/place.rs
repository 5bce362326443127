//! Points and signatures as scripts hold them, and distances between them.

use std::rc::Rc;

use mlua::{Lua, MetaMethod, UserData, UserDataFields, UserDataMethods, Value};

use crate::latent::{DIMS, Latent, Member, Near, Scorer, Signature, named};
use crate::queue::Context;

use super::args::{self, MOST_SEEDS};
use super::call::Call;
use crate::queue::plugin::sandbox::Limits;

/// Cost of a signature in steps; it is tens of kilobytes outside of the script's memory.
pub(super) const SIGNATURE: u64 = 1000;

/// A place in the space of sounds.
#[derive(Clone, Copy)]
pub(super) struct Point(pub Latent);

impl UserData for Point {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_method(MetaMethod::Index, |_, point, key: Value| {
            // `as` converts NaN and negative numbers to 0, before the first.
            let place = args::number(&key).and_then(|place| (place as usize).checked_sub(1));
            Ok(place.and_then(|place| point.0.get(place).copied()))
        });
    }
}

/// A signature, with its members.
#[derive(Clone)]
pub(super) struct Sign(pub Rc<(Signature, Vec<Member>)>);

impl UserData for Sign {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_field_method_get("dims", |lua, sign| {
            let out = lua.create_table()?;
            for dim in &sign.0.0.dims {
                let entry = lua.create_table()?;
                entry.raw_set("name", named::label(dim.dim))?;
                entry.raw_set("centre", dim.centre())?;
                entry.raw_set("spread", dim.spread())?;
                out.raw_push(entry)?;
            }
            Ok(out)
        });
    }
}

/// What a distance is measured to.
pub(super) enum Place {
    Point(Latent),
    Set(Rc<(Signature, Vec<Member>)>),
}

impl Place {
    /// Reads an argument: a point, a signature, a list of ids, or where `single` is allowed one id, which is the point of
    /// its track. `None` when nothing of it is analysed.
    pub fn of(call: &Call, limits: &Limits, value: &Value, single: bool, what: &str) -> mlua::Result<Option<Place>> {
        let context = &call.context;
        if let Value::UserData(data) = value {
            if let Ok(point) = data.borrow::<Point>() {
                return Ok(Some(Place::Point(point.0)));
            }
            return match data.borrow::<Sign>() {
                // Rows of another space would mean other tracks.
                Ok(sign) => Ok(Some(Place::Set(sign.0.clone()))),
                Err(_) => Err(args::wants(what, "ids, a point or a signature", value)),
            };
        }
        if let Some(id) = args::id(value).filter(|_| single) {
            return Ok(args::row(context, id).map(|row| Place::Point(context.space.point(row))));
        }
        if single && value.is_string() {
            return Ok(None);
        }
        let tracks = args::ids(value, MOST_SEEDS, what)?;
        limits.pay(SIGNATURE)?;
        Ok(context.signature(&tracks).map(|found| Place::Set(found.into())))
    }

    /// The point of an argument: a set's is the mean of its members.
    pub fn point(call: &Call, limits: &Limits, value: &Value, what: &str) -> mlua::Result<Option<Latent>> {
        let context = &call.context;
        if let Some(id) = args::id(value) {
            return Ok(args::row(context, id).map(|row| context.space.point(row)));
        }
        if let Value::Table(_) = value {
            let tracks = args::ids(value, MOST_SEEDS, what)?;
            let points =
                tracks.iter().filter_map(|id| args::row(context, *id)).map(|row| (context.space.point(row), 1.0));
            return Ok(mean(points));
        }
        match Place::of(call, limits, value, true, what)? {
            Some(Place::Point(point)) => Ok(Some(point)),
            Some(Place::Set(set)) => Ok(mean(set.1.iter().map(|m| (context.space.point(m.row), 1.0)))),
            None => Ok(None),
        }
    }

    /// The distance that a scan measures: of a point the mean square difference, of a set the signature's.
    pub fn scorer(&self) -> Scorer {
        match self {
            Place::Point(point) => Scorer::around(point, 0..DIMS as u8),
            Place::Set(set) => set.0.scorer(),
        }
    }

    /// What an index can be searched for; `None` for a set, whose signature is not the distance that the index is of.
    pub fn near(&self) -> Option<Near> {
        match self {
            Place::Point(point) => Some(Near::point(point)),
            Place::Set(_) => None,
        }
    }

    /// The distance as scripts get it, from what the scorer measured: of a point the root of that.
    pub fn told(&self, measured: f32) -> f32 {
        match self {
            Place::Point(_) => measured.max(0.0).sqrt(),
            Place::Set(_) => measured,
        }
    }

    /// Whether a row is one of the set's own.
    pub fn holds(&self, row: u32) -> bool {
        match self {
            Place::Point(_) => false,
            Place::Set(set) => set.1.iter().any(|member| member.row == row),
        }
    }

    /// Scorers round each point of which the nearest counts for the similarity.
    pub fn points(&self, context: &Context) -> Vec<Scorer> {
        let around = |point: &Latent| Scorer::around(point, 0..DIMS as u8);
        match self {
            Place::Point(point) => vec![around(point)],
            Place::Set(set) => set.1.iter().map(|m| around(&context.space.point(m.row))).collect(),
        }
    }
}

/// exp(-d²/2) for the nearest of some points.
pub(super) fn similarity(points: &[Scorer], z: &Latent) -> f32 {
    let square = points.iter().map(|point| point.distance(z)).min_by(f32::total_cmp).unwrap_or(0.0);
    (-0.5 * square).exp()
}

/// The weighted mean of points; `None` without any, or when the weights come to nothing.
pub(super) fn mean(points: impl Iterator<Item = (Latent, f64)>) -> Option<Latent> {
    let (mut sum, mut all) = ([0.0f64; DIMS], 0.0f64);
    for (point, weight) in points {
        all += weight;
        sum.iter_mut().zip(point).for_each(|(sum, value)| *sum += weight * f64::from(value));
    }
    let mean: Latent = sum.map(|sum| (sum / all) as f32);
    mean.iter().all(|value| value.is_finite()).then_some(mean)
}

/// A point as a script holds it.
pub(super) fn handle(lua: &Lua, point: Option<Latent>) -> mlua::Result<Value> {
    match point {
        Some(point) => Ok(Value::UserData(lua.create_userdata(Point(point))?)),
        None => Ok(Value::Nil),
    }
}
