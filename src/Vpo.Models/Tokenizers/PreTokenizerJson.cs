using System.Text.Json;
using System.Text.RegularExpressions;
using Vpo.Models.Checkpoints;

namespace Vpo.Models.Tokenizers;

/// <summary>The pre_tokenizer part of a tokenizer.json for byte-level BPE.</summary>
internal static class PreTokenizerJson
{
    /// <exception cref="CheckpointException">A step is not supported.</exception>
    public static PreTokenizer Read(JsonElement json)
    {
        var steps = TokenizerJson.TypeOf(json) == "Sequence" ? [.. json.GetProperty("pretokenizers").EnumerateArray()] : new[] { json };
        if (!steps.Any(step => TokenizerJson.TypeOf(step) == "ByteLevel"))
            throw new CheckpointException("BPE without a ByteLevel pre-tokenizer is not supported.");
        return new(steps.Select(PatternOf).OfType<string>());
    }

    private static string? PatternOf(JsonElement step) => TokenizerJson.TypeOf(step) switch
    {
        "Split" => SplitPattern(step),
        "Digits" => IsOn(step, "individual_digits", false) ? PreTokenizer.Digit : PreTokenizer.Digits,
        "ByteLevel" when IsOn(step, "add_prefix_space", true) => throw new CheckpointException("ByteLevel with add_prefix_space is not supported."),
        "ByteLevel" => IsOn(step, "use_regex", true) ? PreTokenizer.Gpt2 : null,
        var other => throw new CheckpointException($"the pre-tokenizer '{other}' is not supported. Supported: Split, Digits, ByteLevel, Sequence."),
    };

    private static string SplitPattern(JsonElement step)
    {
        var behavior = step.GetProperty("behavior").GetString();
        if (behavior != "Isolated" || IsOn(step, "invert", false))
            throw new CheckpointException($"Split with the behavior '{behavior}'{(behavior == "Isolated" ? " inverted" : "")} is not supported; supported: Isolated.");
        var pattern = step.GetProperty("pattern");
        return pattern.TryGetProperty("Regex", out var regex) ? regex.GetString()! : Regex.Escape(pattern.GetProperty("String").GetString()!);
    }

    private static bool IsOn(JsonElement json, string name, bool fallback) => json.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.True : fallback;
}
