using System.Globalization;
using System.Text.Json.Nodes;

namespace Vpo.Video.Hosted;

/// <summary>A plan in a model's own field names.</summary>
internal static class ModelFields
{
    private static readonly Dictionary<string, string> Usual = new()
    {
        ["prompt"] = "prompt",
        ["negative_prompt"] = "negative_prompt",
        ["width"] = "width",
        ["height"] = "height",
        ["size"] = "",
        ["frames"] = "num_frames",
        ["seconds"] = "",
        ["rate"] = "fps",
        ["steps"] = "num_inference_steps",
        ["guidance"] = "guidance_scale",
        ["seed"] = "seed",
        ["start_frame"] = "image",
    };

    /// <exception cref="ArgumentException">The request has a value for which the model has no field.</exception>
    public static JsonObject Write(VideoPlan plan, ModelFieldsOptions options, IReadOnlyDictionary<string, string> provider)
    {
        var body = new JsonObject();
        void Put(string field, JsonNode? value, string? instead = null)
        {
            if (value is null)
                return;
            var name = NameOf(field, options, provider);
            if (name.Length > 0)
                body[name] = value;
            else if (instead is null || NameOf(instead, options, provider).Length == 0)
                throw new ArgumentException($"{plan.Model} has no field for {field}: leave it open, or name the field in Fields[\"{field}\"]");
        }
        Put("prompt", plan.Prompt);
        Put("negative_prompt", plan.NegativePrompt.Length > 0 ? plan.NegativePrompt : null);
        Put("width", plan.Width, "size");
        Put("height", plan.Height, "size");
        if (plan.Size is { } size && NameOf("size", options, provider) is { Length: > 0 } sizeName)
            body[sizeName] = Size(size, options.SizeFormat);
        Put("frames", plan.Frames, "seconds");
        if (plan.Seconds is { } seconds && NameOf("seconds", options, provider) is { Length: > 0 } secondsName)
            body[secondsName] = Math.Round(seconds, 3);
        if (NameOf("rate", options, provider) is { Length: > 0 } rateName)
            body.With(rateName, plan.Rate);   // where the model has no such field, the rate has served to count frames
        Put("steps", plan.Steps);
        Put("guidance", plan.Guidance);
        if (NameOf("seed", options, provider) is { Length: > 0 } seedName)
            body[seedName] = plan.Seed;
        Put("start_frame", JobBody.DataUri(plan));
        return body.WithExtra(plan);
    }

    private static string NameOf(string field, ModelFieldsOptions options, IReadOnlyDictionary<string, string> provider) =>
        options.Fields.TryGetValue(field, out var own) ? own : provider.TryGetValue(field, out var name) ? name : Usual[field];

    private static JsonNode Size(VideoSize size, string format) => format == "object"
        ? new JsonObject { ["width"] = size.Width, ["height"] = size.Height }
        : JsonValue.Create(format.Replace("{width}", size.Width.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{height}", size.Height.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

    public static IEnumerable<string> Unknown(IEnumerable<string> names) => names.Where(name => !Usual.ContainsKey(name));

    public static string Known => string.Join(", ", Usual.Keys);
}
