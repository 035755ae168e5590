namespace Vpo.Video.CogVideoX;

/// <summary>How denoising steps are left out in which the transformer would say nearly what it said before. The first and the last step are always computed. The result is not exact: see the measured errors in docs/experiments.md.</summary>
public abstract record StepCacheOptions
{
    private protected StepCacheOptions() { }

    internal abstract StepCache Create(int steps);

    /// <summary>First-block cache (ParaAttention): the first block is always run; if its change is nearly that of the last computed step, the rest's change is taken from there.</summary>
    /// <param name="Threshold">Mean absolute difference, as a share of the mean absolute change, up to which a step is left out.</param>
    public sealed record FirstBlock(double Threshold = 0.05) : StepCacheOptions
    {
        internal override StepCache Create(int steps) => new FirstBlockCache(steps, Threshold);
    }

    /// <summary>TeaCache (arXiv 2411.19108): changes of the time embedding, put through a polynomial fitted to the model, are added up until they reach the threshold.</summary>
    /// <param name="Threshold">Published: 0.1, 0.2 and 0.3 for 1.3, 1.8 and 2.1 times the speed.</param>
    /// <param name="Polynomial">Coefficients, highest power first; null: those of CogVideoX-2B.</param>
    public sealed record TimeEmbedding(double Threshold = 0.1, IReadOnlyList<double>? Polynomial = null) : StepCacheOptions
    {
        /// <summary>Fitted to CogVideoX-2B by TeaCache's authors.</summary>
        public static IReadOnlyList<double> CogVideoX2B { get; } = [-31.0658903, 25.4732368, -5.92380459, 1.75769064, -0.00361568434];

        /// <summary>Fitted to CogVideoX-5B.</summary>
        public static IReadOnlyList<double> CogVideoX5B { get; } = [-1538.80483, 843.202495, -134.363087, 7.97131516, -0.0523162339];

        /// <summary>Fitted to CogVideoX1.5-5B.</summary>
        public static IReadOnlyList<double> CogVideoX15 { get; } = [250.210439, -165.061612, 35.7804877, -0.781551492, 0.0358559703];

        internal override StepCache Create(int steps) => new TimeEmbeddingCache(steps, Threshold, Polynomial ?? CogVideoX2B);
    }
}
