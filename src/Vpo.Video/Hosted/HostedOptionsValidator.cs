using Microsoft.Extensions.Options;

namespace Vpo.Video.Hosted;

/// <summary>Reports all that is wrong with a service's options at once.</summary>
internal sealed class HostedOptionsValidator<TOptions>(Func<TOptions, IEnumerable<string>> problems) : IValidateOptions<TOptions> where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var found = problems(options).ToList();
        return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found.Select(problem => $"{typeof(TOptions).Name}{(string.IsNullOrEmpty(name) ? "" : $" '{name}'")}: {problem}"));
    }
}
