using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Lora;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Video.CogVideoX;

/// <summary>One linear layer with its factors.</summary>
internal sealed record AdaptedLayer(string Path, Linear Layer, LoraFactors Factors, int Rank, double Scale)
{
    public IEnumerable<(string Name, Parameter Value)> Parameters
    {
        get
        {
            yield return (LoraFile.Prefix + Path + LoraFile.A, Factors.A.Weight);
            yield return (LoraFile.Prefix + Path + LoraFile.B, Factors.B.Weight);
            if (Factors.Magnitude is { } magnitude)
                yield return (LoraFile.Prefix + Path + LoraFile.Magnitude, magnitude);
        }
    }

    public static AdaptedLayer Attach(string path, Linear layer, (int Rank, double Scale, bool IsDecomposed) numbers, Weights place, LoraSwitch state)
    {
        var (outputs, inputs) = (layer.Base.shape[0], layer.Base.shape[1]);
        var magnitude = numbers.IsDecomposed ? place.Take("lora_magnitude_vector", Initialization.Ones, outputs) : null;
        var factors = new LoraFactors(
            new(place.At("lora_A"), inputs, numbers.Rank, hasBias: false), new(place.At("lora_B"), numbers.Rank, outputs, hasBias: false, Initialization.Zeros), magnitude, numbers.Scale, state);
        layer.Attach(factors);
        return new(path, layer, factors, numbers.Rank, numbers.Scale);
    }

    /// <summary>A as peft starts it; B stays 0.</summary>
    public void Start(Generator generator)
    {
        var bound = 1 / Math.Sqrt(Layer.Base.shape[1]);
        Factors.A.Weight.uniform_(-bound, bound, generator);
    }

    public void Detach()
    {
        Layer.Attach((LoraFactors?)null);
        foreach (var (_, parameter) in Parameters.ToList())
            parameter.Dispose();
    }
}
