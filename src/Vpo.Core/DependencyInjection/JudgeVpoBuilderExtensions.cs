using Vpo;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Judges that need no model.</summary>
public static class JudgeVpoBuilderExtensions
{
    /// <summary>Judges prompts offline, by the atoms of the query and word lists.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Null: defaults.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseAtomJudge(this IVpoBuilder builder, AtomJudgeOptions? options = null, Action<JudgeBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddJudge(_ => new AtomJudge(options), configure);
    }
}
