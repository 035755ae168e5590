using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Vpo.Rewards.Remote;

/// <summary>Chances of a reply's first token, where a server gives them. Microsoft.Extensions.AI has no member for them, so they are looked for in what a provider passes through.</summary>
public static class FirstToken
{
    private const string SdkMember = "ContentTokenLogProbabilities", JsonMember = "logprobs";

    /// <summary>The most likely first tokens with their chances, from 0 to 1; null where there are none.</summary>
    /// <param name="response">
    /// A response with, in this order: a RawRepresentation of OpenAI's SDK (ChatCompletion.ContentTokenLogProbabilities); JSON in OpenAI's form
    /// ({ "content": [{ "top_logprobs": [{ "token", "logprob" }] }] }) under "logprobs" of AdditionalProperties.
    /// </param>
    public static IReadOnlyDictionary<string, double>? Chances(ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var found = OfSdk(response.RawRepresentation) ?? (response.AdditionalProperties?.TryGetValue(JsonMember, out var json) == true && json is JsonElement element ? OfJson(element) : null);
        return found is { Count: > 0 } ? found : null;
    }

    /// <summary>Chance of yes among yes and no, whatever their case and spaces; null when neither is among the tokens.</summary>
    /// <param name="chances">Tokens with their chances.</param>
    public static double? ChanceOfYes(IReadOnlyDictionary<string, double> chances)
    {
        ArgumentNullException.ThrowIfNull(chances);
        double Sum(string word) => chances.Where(c => c.Key.Trim().Equals(word, StringComparison.OrdinalIgnoreCase)).Sum(c => c.Value);
        var (yes, no) = (Sum("yes"), Sum("no"));
        return yes + no > 0 ? yes / (yes + no) : null;
    }

    // By names, so that no provider's package is needed here.
    private static Dictionary<string, double>? OfSdk(object? raw)
    {
        if (First(Member(raw, SdkMember)) is not { } first)
            return null;
        var tokens = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var token in (Member(first, "TopLogProbabilities") as IEnumerable)?.Cast<object>() ?? [])
            Add(tokens, token);
        Add(tokens, first);
        return tokens;
    }

    private static void Add(Dictionary<string, double> tokens, object token)
    {
        if (Member(token, "Token") is string text && Member(token, "LogProbability") is { } log)
            tokens.TryAdd(text, Math.Exp(Convert.ToDouble(log, System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static object? Member(object? owner, string name) => owner?.GetType().GetProperty(name)?.GetValue(owner);

    private static object? First(object? list) => (list as IEnumerable)?.Cast<object>().FirstOrDefault();

    private static Dictionary<string, double>? OfJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.Array || content.GetArrayLength() == 0)
            return null;
        var tokens = new Dictionary<string, double>(StringComparer.Ordinal);
        IEnumerable<JsonElement> top = content[0].TryGetProperty("top_logprobs", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];
        foreach (var token in top.Append(content[0]))
        {
            if (token.TryGetProperty("token", out var text) && token.TryGetProperty("logprob", out var log))
                tokens.TryAdd(text.GetString() ?? "", Math.Exp(log.GetDouble()));
        }
        return tokens;
    }
}
