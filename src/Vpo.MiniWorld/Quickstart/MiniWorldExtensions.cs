using Vpo;
using Vpo.MiniWorld;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Verbs of Vpo.MiniWorld on <see cref="IVpoBuilder"/>.</summary>
public static class MiniWorldExtensions
{
    /// <summary>Takes the parts of the mini world: shipped generator, pixel checklist, exact judge, and as the optimizer that of a run, or the few-shot teacher.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="runFolder">The folder of a finished quickstart whose optimizer is used; null: the few-shot teacher, which needs no training.</param>
    public static IVpoBuilder UseMiniWorld(this IVpoBuilder builder, string? runFolder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddPromptOptimizer(_ => runFolder is null ? new FewShotTeacher() : Quickstart.OpenOptimizer(runFolder))
            .AddJudge(_ => MiniJudge.Exact())
            .AddVideoGenerator(_ => MiniGenerator.OpenShipped())
            .AddVideoReward(_ => new PixelChecklist());
    }
}
