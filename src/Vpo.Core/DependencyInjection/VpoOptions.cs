using Microsoft.Extensions.Options;

namespace Vpo;

/// <summary>What an application sets once for its optimizer; a call's <see cref="PromptOptions"/> go first.</summary>
public sealed class VpoOptions
{
    /// <summary>Sampling temperature, from 0 (greedy) to 5; default 0.7, as the paper's users sample.</summary>
    public double Temperature { get; set; } = 0.7;

    /// <summary>Nucleus sampling, above 0 up to 1; default 1.</summary>
    public double TopP { get; set; } = 1;

    /// <summary>Most new tokens that the language model may write, from 1 to 8192; default 512.</summary>
    public int MaxNewTokens { get; set; } = 512;

    /// <summary>Most tokens of the video model's text encoder, from 16 to 4096; null (default) for no limit. CogVideoX reads 226.</summary>
    public int? TokenBudget { get; set; }

    /// <summary>A text file with the instruction, holding {query} once; null (default) takes the model's or the project's own.</summary>
    public string? TemplateFile { get; set; }

    /// <summary>What the options say about a call that sets nothing itself.</summary>
    public PromptOptions Complete(PromptOptions? call) => (call ?? new PromptOptions()) with
    {
        Temperature = call?.Temperature ?? Temperature,
        TopP = call?.TopP ?? TopP,
        MaxNewTokens = call?.MaxNewTokens ?? MaxNewTokens,
        TokenBudget = call?.TokenBudget ?? TokenBudget,
    };
}

/// <summary>Checks <see cref="VpoOptions"/> when the host starts; all errors come in one message.</summary>
internal sealed class VpoOptionsValidator : IValidateOptions<VpoOptions>
{
    public ValidateOptionsResult Validate(string? name, VpoOptions options)
    {
        List<string> errors = [];
        void Check(bool sound, string what, object? found)
        {
            if (!sound)
                errors.Add(FormattableString.Invariant($"{what}; found {found}."));
        }
        Check(options.Temperature is >= 0 and <= 5, "Vpo:Temperature must be between 0 and 5", options.Temperature);
        Check(options.TopP is > 0 and <= 1, "Vpo:TopP must be above 0 and at most 1", options.TopP);
        Check(options.MaxNewTokens is >= 1 and <= 8192, "Vpo:MaxNewTokens must be between 1 and 8192", options.MaxNewTokens);
        Check(options.TokenBudget is null or (>= 16 and <= 4096), "Vpo:TokenBudget must be between 16 and 4096", options.TokenBudget);
        Check(options.TemplateFile is null || File.Exists(options.TemplateFile), "Vpo:TemplateFile must be an existing file", options.TemplateFile);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
