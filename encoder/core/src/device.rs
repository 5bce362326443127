//! The devices that the encoder can run on.

use serde::{Deserialize, Serialize};

/// The requested device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// A GPU if one works, otherwise the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first NVIDIA GPU; an error if there is none.
    Cuda,
}

/// The result of looking for a GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceReport {
    /// Name of the GPU that [`Device::Auto`] uses.
    pub gpu: Option<String>,
    /// Why there is none, for `jukebox doctor`.
    pub why_not: Option<String>,
}

/// The device that a request resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// The CPU.
    Cpu,
    /// The GPU of this name.
    #[cfg(feature = "cuda")]
    Cuda(String),
}

/// Looks for a GPU: the driver, a device, and the CUDA headers needed to compile every kernel at run time. Never
/// panics.
pub fn report() -> DeviceReport {
    match find() {
        Ok(name) => DeviceReport { gpu: Some(name), why_not: None },
        Err(why) => DeviceReport { gpu: None, why_not: Some(why) },
    }
}

/// Resolves a request.
///
/// # Errors
/// When CUDA was asked for by name and there is none.
pub fn choose(device: Device) -> anyhow::Result<Chosen> {
    match device {
        Device::Cpu => Ok(Chosen::Cpu),
        #[cfg(feature = "cuda")]
        Device::Auto => Ok(find().map_or(Chosen::Cpu, Chosen::Cuda)),
        #[cfg(feature = "cuda")]
        Device::Cuda => find().map(Chosen::Cuda).map_err(|why| anyhow::anyhow!("no GPU to run on: {why}")),
        #[cfg(not(feature = "cuda"))]
        Device::Auto => Ok(Chosen::Cpu),
        #[cfg(not(feature = "cuda"))]
        Device::Cuda => anyhow::bail!("no GPU to run on: this program was built without CUDA"),
    }
}

#[cfg(not(feature = "cuda"))]
fn find() -> Result<String, String> {
    Err("this program was built without CUDA".into())
}

#[cfg(feature = "cuda")]
fn find() -> Result<String, String> {
    use std::path::Path;
    // Checked first, because loading a missing driver panics inside the CUDA bindings and prints a message.
    let driver = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"];
    if cfg!(target_os = "linux") && !driver.iter().any(|p| Path::new(p).exists()) {
        return Err("no NVIDIA driver is loaded".into());
    }
    let name = std::panic::catch_unwind(|| -> Result<String, String> {
        let failed = |e: cudarc::driver::DriverError| format!("the NVIDIA driver answers: {e}");
        if cudarc::driver::CudaContext::device_count().map_err(failed)? < 1 {
            return Err("the NVIDIA driver knows of no GPU".into());
        }
        let device = cudarc::driver::result::device::get(0).map_err(failed)?;
        cudarc::driver::result::device::get_name(device).map_err(failed)
    })
    .unwrap_or_else(|_| Err("the NVIDIA driver library (libcuda) cannot be used".into()))?;
    // The locations that cubecl-cuda searches; without headers its first kernel panics.
    let toolkit = std::env::var("CUDA_PATH").ok().or_else(|| {
        let places = [("/usr/local/cuda", "/usr/local/cuda"), ("/opt/cuda", "/opt/cuda"), ("/usr/bin/nvcc", "/usr")];
        places.iter().find(|(mark, _)| Path::new(mark).exists()).map(|(_, root)| (*root).to_owned())
    });
    match toolkit {
        Some(root) if Path::new(&root).join("include/cuda_runtime.h").exists() => Ok(name),
        Some(root) => {
            Err(format!("{name} is there, but {root}/include/cuda_runtime.h is not: install the CUDA headers"))
        }
        None => {
            Err(format!("{name} is there, but no CUDA toolkit: install it or set CUDA_PATH (its headers are needed)"))
        }
    }
}
