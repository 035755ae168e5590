using TorchSharp.Modules;

namespace Vpo.Models.Lora;

/// <summary>A parameter that an adapter replaces as a whole (peft's modules_to_save), while the adapter is on.</summary>
internal sealed record WholeParameter(Parameter Value, LoraSwitch State)
{
    public bool IsOn => State.IsOn;
}
