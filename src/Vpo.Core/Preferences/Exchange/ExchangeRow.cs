using System.Text.Json.Nodes;

namespace Vpo;

/// <summary>One demonstration or pair as the JSON object of a format, and back from any of them.</summary>
internal static class ExchangeRow
{
    private const string User = "user", Assistant = "assistant";

    public static JsonObject Of(Demonstration demonstration, ExchangeFormat format, ExchangeTemplate template)
    {
        var message = template.Fill(demonstration.Query);
        return format switch
        {
            ExchangeFormat.LlamaFactory => new() { ["messages"] = new JsonArray(Message(User, message), Message(Assistant, demonstration.Prompt)) },
            ExchangeFormat.LlamaFactoryAlpaca => new() { ["instruction"] = message, ["input"] = "", ["output"] = demonstration.Prompt },
            ExchangeFormat.Trl => new() { ["prompt"] = message, ["completion"] = demonstration.Prompt },
            _ => new() { ["prompt"] = new JsonArray(Message(User, message)), ["completion"] = new JsonArray(Message(Assistant, demonstration.Prompt)) },
        };
    }

    /// <summary>With what the format has no field for (source, margin, reason) in fields of the same names, which other programs pass over.</summary>
    public static JsonObject Of(PreferencePair pair, ExchangeFormat format, ExchangeTemplate template)
    {
        var message = template.Fill(pair.Query);
        JsonObject row = format switch
        {
            ExchangeFormat.LlamaFactory => new() { ["messages"] = new JsonArray(Message(User, message)), ["chosen"] = Message(Assistant, pair.Chosen), ["rejected"] = Message(Assistant, pair.Rejected) },
            ExchangeFormat.LlamaFactoryAlpaca => new() { ["instruction"] = message, ["input"] = "", ["chosen"] = pair.Chosen, ["rejected"] = pair.Rejected },
            ExchangeFormat.Trl => new() { ["prompt"] = message, ["chosen"] = pair.Chosen, ["rejected"] = pair.Rejected },
            _ => new() { ["prompt"] = new JsonArray(Message(User, message)), ["chosen"] = new JsonArray(Message(Assistant, pair.Chosen)), ["rejected"] = new JsonArray(Message(Assistant, pair.Rejected)) },
        };
        row["source"] = pair.Source.ToString();
        row["margin"] = pair.Margin;
        row["reason"] = pair.Reason;
        return row;
    }

    public static Demonstration ReadDemonstration(JsonObject row, ExchangeTemplate template)
    {
        if (row.ContainsKey("query"))   // this library's own record
            return new(Text(row, "query"), Text(row, "prompt"));
        var (message, last) = Conversation(row);
        return new(template.QueryOf(message), last ?? Text(row, row.ContainsKey("output") ? "output" : "completion"));
    }

    public static PreferencePair ReadPair(JsonObject row, ExchangeTemplate template)
    {
        var own = row["pair"] as JsonObject;
        var from = own ?? row;
        return new()
        {
            Query = own is null ? template.QueryOf(Conversation(row).Message) : Text(own, "query"),
            Chosen = Text(from, "chosen"),
            Rejected = Text(from, "rejected"),
            Source = Source(from["source"]),
            Margin = from["margin"]?.GetValue<double>() ?? 0,
            Reason = from["reason"]?.GetValue<string>() ?? "",
        };
    }

    /// <summary>Other people's files have columns of this name too, which say something else.</summary>
    private static FeedbackSource Source(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var name) && Enum.TryParse<FeedbackSource>(name, ignoreCase: true, out var source) && Enum.IsDefined(source) ? source : FeedbackSource.Text;

    /// <summary>What the user said, and the answer where it is in the same list.</summary>
    private static (string Message, string? Answer) Conversation(JsonObject row)
    {
        if (row["messages"] is JsonArray || row["conversations"] is JsonArray)
        {
            var messages = (row["messages"] ?? row["conversations"])!.AsArray().Select(m => (Role: RoleOf(m!.AsObject()), Content: ContentOf(m))).ToList();
            if (messages.Count(m => m.Role == User) != 1 || messages.Any(m => m.Role is not (User or Assistant)))
                throw new FormatException("expected one message of the user, and at most an answer");
            return (messages.Single(m => m.Role == User).Content, messages.Where(m => m.Role == Assistant).Select(m => m.Content).SingleOrDefault());
        }
        if (row["prompt"] is null && row["chosen"] is JsonArray { Count: 2 } chosen && row["rejected"] is JsonArray { Count: 2 } rejected)
            return (Shared(chosen, rejected), null);
        if (!row.ContainsKey("instruction"))
            return (Text(row, "prompt"), null);
        var input = row["input"]?.GetValue<string>() ?? "";
        return (input.Length == 0 ? Text(row, "instruction") : Text(row, "instruction") + "\n" + input, null);
    }

    /// <summary>TRL's form without a prompt of its own: both answers begin with the user's message.</summary>
    private static string Shared(JsonArray chosen, JsonArray rejected)
    {
        var (message, other) = (ContentOf(chosen[0]!), ContentOf(rejected[0]!));
        return message == other ? message : throw new FormatException("expected chosen and rejected that begin with the same message of the user");
    }

    /// <summary>Names of OpenAI's and of ShareGPT's form.</summary>
    private static string RoleOf(JsonObject message) => (message["role"] ?? message["from"])?.GetValue<string>() switch
    {
        "human" or User => User,
        "gpt" or Assistant => Assistant,
        var other => other ?? "",
    };

    private static string Text(JsonObject row, string name) => row[name] switch
    {
        null => throw new FormatException($"expected the field {name}, found: {string.Join(", ", row.Select(p => p.Key).Take(8))}"),
        JsonArray { Count: 1 } messages => ContentOf(messages[0]!),
        JsonArray { Count: 2 } messages when messages[0] is JsonObject first && messages[1] is JsonObject second && RoleOf(first) == User && RoleOf(second) == Assistant => ContentOf(second),
        JsonArray messages => throw new FormatException($"expected one message in {name}, found {messages.Count}"),
        var value => ContentOf(value),
    };

    private static string ContentOf(JsonNode value) => value is JsonObject message
        ? (message["content"] ?? message["value"])?.GetValue<string>() ?? throw new FormatException("expected a message with content")
        : value.GetValue<string>();

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
