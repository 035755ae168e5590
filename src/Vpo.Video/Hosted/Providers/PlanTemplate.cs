using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vpo.Video.Hosted;

/// <summary>Texts with {{prompt}}, {{seed}}, ... in the places of a plan's values.</summary>
internal static partial class PlanTemplate
{
    /// <summary>The values by name; those that the plan leaves open are null.</summary>
    public static Dictionary<string, JsonNode?> Values(VideoPlan plan) => new()
    {
        ["prompt"] = plan.Prompt,
        ["negative_prompt"] = plan.NegativePrompt,
        ["seed"] = plan.Seed,
        ["width"] = plan.Width,
        ["height"] = plan.Height,
        ["frames"] = plan.Frames,
        ["seconds"] = plan.Seconds,
        ["rate"] = plan.Rate,
        ["steps"] = plan.Steps,
        ["guidance"] = plan.Guidance,
        ["model"] = plan.Model,
    };

    /// <summary>Fills one text; a text that is nothing but one place becomes its value, a number stays a number.</summary>
    /// <exception cref="ArgumentException">A place has a name that is not known, or a value that is open.</exception>
    public static JsonNode Fill(string text, IReadOnlyDictionary<string, JsonNode?> values) => Place().Match(text) is { Success: true } only && only.Length == text.Length
        ? ValueOf(only.Groups[1].Value, values).DeepClone()
        : JsonValue.Create(FillText(text, values));

    /// <summary>Fills one text and leaves it a text.</summary>
    public static string FillText(string text, IReadOnlyDictionary<string, JsonNode?> values) => Place().Replace(text, match => AsText(ValueOf(match.Groups[1].Value, values)));

    /// <summary>Fills all texts of a JSON tree, in place.</summary>
    public static void FillTree(JsonNode tree, IReadOnlyDictionary<string, JsonNode?> values)
    {
        if (tree is JsonObject map)
        {
            foreach (var (name, value) in map.ToList())
                map[name] = Filled(value, values) ?? map[name]?.DeepClone();
        }
        else if (tree is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
                list[i] = Filled(list[i], values) ?? list[i]?.DeepClone();
        }
    }

    /// <summary>Refuses values for which no text has a place: they would be passed over in silence.</summary>
    /// <param name="plan">What to make.</param>
    /// <param name="texts">The template.</param>
    /// <param name="where">What to call it in the message.</param>
    public static void CheckPlaces(VideoPlan plan, IReadOnlyList<string> texts, string where)
    {
        (string Name, bool IsSet)[] values =
        [
            ("negative_prompt", plan.NegativePrompt.Length > 0), ("start_frame", plan.StartFrame is not null), ("width", plan.Width is not null), ("height", plan.Height is not null),
            ("frames", plan.Frames is not null && !texts.Any(text => Uses(text, "seconds"))), ("steps", plan.Steps is not null), ("guidance", plan.Guidance is not null),
        ];
        foreach (var (name, _) in values.Where(value => value.IsSet && !texts.Any(text => Uses(text, value.Name))))
            throw new ArgumentException($"{where} has no {{{{{name}}}}}: write it where this value belongs, or leave the value open");
    }

    /// <summary>Whether a text has a place of that name.</summary>
    public static bool Uses(string text, string name) => Place().Matches(text).Any(match => match.Groups[1].Value == name);

    private static JsonNode? Filled(JsonNode? value, IReadOnlyDictionary<string, JsonNode?> values)
    {
        if (value is JsonValue leaf)
            return leaf.TryGetValue<string>(out var text) && Place().IsMatch(text) ? Fill(text, values) : null;
        if (value is not null)
            FillTree(value, values);
        return null;
    }

    private static JsonNode ValueOf(string name, IReadOnlyDictionary<string, JsonNode?> values) => values.TryGetValue(name, out var value)
        ? value ?? throw new ArgumentException($"the template needs {{{{{name}}}}}, which neither the request nor Defaults set")
        : throw new ArgumentException($"the template has {{{{{name}}}}}; known are {string.Join(", ", values.Keys.Select(key => $"{{{{{key}}}}}"))}");

    private static string AsText(JsonNode value) => value is JsonValue leaf && leaf.TryGetValue<string>(out var text) ? text : value.ToJsonString();

    [GeneratedRegex(@"\{\{([a-z_]+)\}\}")]
    private static partial Regex Place();
}
