using Vpo.Storage;

namespace Vpo;

/// <summary>What a method to compare with starts from when it starts from the fine-tuned model (<see cref="VpoParts.FineTunedBaselines"/>).</summary>
/// <param name="ModelFolder">A Hugging Face folder with the model after SFT; not to be changed.</param>
/// <param name="Demonstrations">What SFT was given.</param>
/// <param name="Folder">The method's own folder in the run's, for what must not be done again; not made yet.</param>
public sealed record FineTunedStart(string ModelFolder, IReadOnlyList<Demonstration> Demonstrations, string Folder)
{
    /// <summary>Of all that is random in the method.</summary>
    public long Seed { get; init; }

    /// <summary>Hears of every step; may be null.</summary>
    public IProgress<StageProgress>? Progress { get; init; }
}
