using System.Text;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Chat;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">"system", "user" or "assistant".</param>
/// <param name="Content">What was said; it never becomes a special token.</param>
public sealed record ChatTurn(string Role, string Content);

/// <summary>How a model wants a conversation written: which special tokens stand where.</summary>
public abstract record ChatTemplate
{
    private protected ChatTemplate() { }

    /// <summary>Llama 3: one beginning-of-text, then a header, the trimmed content and end-of-turn for each turn.</summary>
    public sealed record Llama3 : ChatTemplate
    {
        private protected override void Write(Script script, IReadOnlyList<ChatTurn> turns, bool answer)
        {
            script.Special("<|begin_of_text|>");
            foreach (var turn in turns)
                LlamaTurn(script, turn.Role, Strip(turn.Content));
            if (answer)
                LlamaHeader(script, "assistant");
        }
    }

    /// <summary>Llama 3.1 and later: as <see cref="Llama3"/> with a system turn that is always there and says two dates.</summary>
    /// <param name="Date">Today, as the template writes it; its own default is this one.</param>
    public sealed record Llama31(string Date = "26 Jul 2024") : ChatTemplate
    {
        private protected override void Write(Script script, IReadOnlyList<ChatTurn> turns, bool answer)
        {
            var hasSystem = turns.Count > 0 && turns[0].Role == "system";
            script.Special("<|begin_of_text|>");
            LlamaTurn(script, "system", $"Cutting Knowledge Date: December 2023\nToday Date: {Date}\n\n{(hasSystem ? Strip(turns[0].Content) : "")}");
            foreach (var turn in turns.Skip(hasSystem ? 1 : 0))
                LlamaTurn(script, turn.Role, Strip(turn.Content));
            if (answer)
                LlamaHeader(script, "assistant");
        }
    }

    /// <summary>ChatML: &lt;|im_start|&gt;role, line break, content, &lt;|im_end|&gt;, line break.</summary>
    /// <param name="DefaultSystem">System text for conversations that begin without one; null for none.</param>
    /// <param name="Trims">Whether content is stripped of white space at its ends.</param>
    public sealed record ChatMl(string? DefaultSystem = null, bool Trims = false) : ChatTemplate
    {
        private protected override void Write(Script script, IReadOnlyList<ChatTurn> turns, bool answer)
        {
            if (DefaultSystem is not null && (turns.Count == 0 || turns[0].Role != "system"))
                WriteTurn(script, new("system", DefaultSystem));
            foreach (var turn in turns)
                WriteTurn(script, Trims ? turn with { Content = Strip(turn.Content) } : turn);
            if (answer)
                script.Special("<|im_start|>").Text("assistant\n");
        }

        private static void WriteTurn(Script script, ChatTurn turn) =>
            script.Special("<|im_start|>").Text($"{turn.Role}\n{turn.Content}").Special("<|im_end|>").Text("\n");
    }

    /// <summary>For small models with a vocabulary of words: a beginning token, the contents of all turns, a separator before the answer.</summary>
    /// <param name="Begin">A special token.</param>
    /// <param name="Separator">A special token.</param>
    public sealed record Plain(string Begin, string Separator) : ChatTemplate
    {
        private protected override void Write(Script script, IReadOnlyList<ChatTurn> turns, bool answer)
        {
            script.Special(Begin);
            foreach (var turn in turns)
                script.Text(turn.Content);
            if (answer)
                script.Special(Separator);
        }

        /// <summary>The text for tokenizer_config.json; <see cref="Recognise"/> knows it again.</summary>
        public string ToJinja() =>
            $"{{{{ '{Begin}' }}}}{{% for message in messages %}}{{{{ message['content'] }}}}{{% endfor %}}{{% if add_generation_prompt %}}{{{{ '{Separator}' }}}}{{% endif %}}";
    }

    /// <summary>Finds out which template a text in Jinja is.</summary>
    /// <exception cref="CheckpointException">It is none of those above.</exception>
    public static ChatTemplate Recognise(string jinja) => TemplateTexts.Recognise(jinja);

    /// <summary>The ids of a conversation.</summary>
    /// <param name="turns">In order.</param>
    /// <param name="tokenizer">Must have the special tokens of the template.</param>
    /// <param name="answer">Whether the assistant's header follows, so that the model goes on with its answer.</param>
    /// <exception cref="CheckpointException">The tokenizer lacks a special token of the template.</exception>
    public IReadOnlyList<int> Encode(IReadOnlyList<ChatTurn> turns, ITokenizer tokenizer, bool answer = true)
    {
        ArgumentNullException.ThrowIfNull(turns);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var script = new Script(tokenizer);
        Write(script, turns, answer);
        return script.Finish();
    }

    private protected abstract void Write(Script script, IReadOnlyList<ChatTurn> turns, bool answer);

    private static void LlamaHeader(Script script, string role) => script.Special("<|start_header_id|>").Text(role).Special("<|end_header_id|>").Text("\n\n");

    private static void LlamaTurn(Script script, string role, string content)
    {
        LlamaHeader(script, role);
        script.Text(content).Special("<|eot_id|>");
    }

    /// <summary>Python's str.strip, which the templates call: it also takes U+001C to U+001F.</summary>
    private protected static string Strip(string text)
    {
        static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';
        var (start, end) = (0, text.Length);
        while (start < end && IsSpace(text[start]))
            start++;
        while (end > start && IsSpace(text[end - 1]))
            end--;
        return text[start..end];
    }

    /// <summary>Ids being written: text between two special tokens is encoded in one go, as the reference does.</summary>
    private protected sealed class Script(ITokenizer tokenizer)
    {
        private readonly List<int> _ids = [];
        private readonly StringBuilder _text = new();

        public Script Text(string text)
        {
            _text.Append(text);
            return this;
        }

        public Script Special(string token)
        {
            Flush();
            _ids.Add(tokenizer.SpecialTokens.TryGetValue(token, out var id) ? id
                : throw new CheckpointException($"the chat template needs the special token '{token}', which the tokenizer lacks. Template and tokenizer do not belong together."));
            return this;
        }

        public IReadOnlyList<int> Finish()
        {
            Flush();
            return _ids;
        }

        private void Flush()
        {
            _ids.AddRange(tokenizer.Encode(_text.ToString()));
            _text.Clear();
        }
    }
}
