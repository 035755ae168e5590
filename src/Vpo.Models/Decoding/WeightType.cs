namespace Vpo.Models.Decoding;

/// <summary>In which type the matrices of a language model are read while it writes text.</summary>
public enum WeightType
{
    /// <summary>The fastest on this CPU as <see cref="WeightProbe"/> finds it. Models under <see cref="WeightProbe.WorthChoosing"/> numbers, which stay in the processor's caches anyway,
    /// and CPUs without 256-bit vectors keep the model's own type. Text differs from the model's own in some words, and between machines that choose differently.</summary>
    Auto,

    /// <summary>Four bytes a number; the reference for the others.</summary>
    Float32,

    /// <summary>Two bytes a number: half the memory traffic, and the fast matrix products of newer CPUs.</summary>
    BFloat16,

    /// <summary>One byte a number and one scale for each row of a matrix. Made from the model's own weights when a generator first needs it.</summary>
    Int8,
}

/// <summary>What was done before the first token.</summary>
/// <param name="Type">Type of the weights; null when the model runs on its ordinary path (another device, an adapter that is on, gradients).</param>
/// <param name="CopiedBytes">Memory taken by weights that had to be converted. 0: all are read where the model has them.</param>
/// <param name="Elapsed">Time it took.</param>
public sealed record Preparation(WeightType? Type, long CopiedBytes, TimeSpan Elapsed);
