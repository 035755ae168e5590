using System.Text.RegularExpressions;
using Vpo.Models.Checkpoints;

namespace Vpo.Models.Chat;

/// <summary>Recognises templates by what their Jinja text must contain.</summary>
internal static partial class TemplateTexts
{
    private const int MostCharacters = 1 << 17;

    /// <summary>The template in a tokenizer_config.json: a text, or the one named "default" of a list; null without any.</summary>
    /// <exception cref="CheckpointException">It is neither, or none of the list is named so.</exception>
    public static string? Read(ConfigReader config)
    {
        if (config.Sections("chat_template") is not { } named)
            return config.Text("chat_template");
        var chosen = named.FirstOrDefault(template => template.Text("name") == "default") ?? throw new CheckpointException(
            $"'{config.Location}' has the chat templates {string.Join(", ", named.Select(template => template.Text("name")))}; expected one named default. Pass the ChatTemplate that the model was trained with.");
        return chosen.Text("template");
    }

    public static ChatTemplate Recognise(string jinja)
    {
        ArgumentNullException.ThrowIfNull(jinja);
        if (jinja.Length <= MostCharacters)
        {
            if (PlainText().Match(jinja) is { Success: true } plain)
                return new ChatTemplate.Plain(plain.Groups[1].Value, plain.Groups[2].Value);
            if (jinja.Contains("<|start_header_id|>", StringComparison.Ordinal) && jinja.Contains("<|eot_id|>", StringComparison.Ordinal))
                return jinja.Contains("Cutting Knowledge Date", StringComparison.Ordinal) ? new ChatTemplate.Llama31() : new ChatTemplate.Llama3();
            if (ChatMlTurn().IsMatch(jinja) && jinja.Contains("<|im_end|>", StringComparison.Ordinal))
                return new ChatTemplate.ChatMl(ChatMlSystem().Match(jinja) is { Success: true } system ? system.Groups[1].Value : null, ChatMlTrim().IsMatch(jinja));
        }
        throw new CheckpointException($"the chat template is none that is known (Llama 3, Llama 3.1, ChatML, plain): \"{(jinja.Length > 80 ? jinja[..80] + "..." : jinja)}\". "
            + "Pass the ChatTemplate that the model was trained with.");
    }

    [GeneratedRegex(@"^\{\{ '([^']+)' \}\}\{% for message in messages %\}\{\{ message\['content'\] \}\}\{% endfor %\}\{% if add_generation_prompt %\}\{\{ '([^']+)' \}\}\{% endif %\}$")]
    private static partial Regex PlainText();

    [GeneratedRegex(@"<\|im_start\|>['""]\s*\+\s*message(\['role'\]|\[""role""\]|\.role)")]
    private static partial Regex ChatMlTurn();

    [GeneratedRegex(@"<\|im_start\|>system(?:\n|\\n)([^'""{}]*?)<\|im_end\|>")]
    private static partial Regex ChatMlSystem();

    [GeneratedRegex(@"message(\['content'\]|\[""content""\]|\.content)\s*(\|\s*trim|\.strip\(\))")]
    private static partial Regex ChatMlTrim();
}
