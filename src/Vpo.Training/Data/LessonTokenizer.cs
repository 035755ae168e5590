using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Models.Optimization;
using Vpo.Models.Tokenizers;

namespace Vpo.Training;

/// <summary>Queries and prompts as ids, exactly as <see cref="LlamaPromptOptimizer"/> will read and write them: the query in its instruction and
/// chat template, the prompt with the id that ends a turn.</summary>
internal sealed class LessonTokenizer
{
    private const string TextBefore = "a";

    private readonly ITokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly InstructionTemplate _instruction;
    private readonly int _end;

    private LessonTokenizer(ITokenizer tokenizer, ChatTemplate template, InstructionTemplate instruction, int end) =>
        (_tokenizer, _template, _instruction, _end) = (tokenizer, template, instruction, end);

    public static LessonTokenizer Of(LlamaCheckpoint checkpoint, string folder, LlamaLearnerOptions options)
    {
        var template = options.Template ?? checkpoint.Template;
        var file = Path.Combine(folder, InstructionTemplate.FileName);
        var instruction = options.Instruction ?? (File.Exists(file) ? new InstructionTemplate(File.ReadAllText(file))
            : template is ChatTemplate.Plain ? InstructionTemplate.QueryOnly : InstructionTemplate.Default);
        return new(checkpoint.Tokenizer, template, instruction, EndOf(checkpoint, template));
    }

    public TokenizedExample Encode(Demonstration demonstration) => new(PromptOf(demonstration.Query), CompletionOf(demonstration.Prompt));

    public PreferenceExample Encode(PreferencePair pair) => new(PromptOf(pair.Query), CompletionOf(pair.Chosen), CompletionOf(pair.Rejected));

    /// <summary>The demonstration with the place behind its query where further words would stand; null where a word there would not be an id of its own between the others.</summary>
    /// <param name="demonstration">The demonstration.</param>
    /// <param name="probes">Two different words with their ids.</param>
    public TriggerExample? EncodeOpen(Demonstration demonstration, IReadOnlyList<(string Word, int Id)> probes)
    {
        var whole = PromptOf(demonstration.Query);
        var longer = probes.Select(probe => PromptOf($"{demonstration.Query} {probe.Word}")).ToList();
        var place = longer.Min(ids => ids.AsSpan().CommonPrefixLength(whole));
        var example = new TriggerExample(whole[..place], whole[place..], CompletionOf(demonstration.Prompt));
        return longer.Zip(probes).All(p => p.First.SequenceEqual(example.With([p.Second.Id]).Prompt)) ? example : null;
    }

    /// <summary>Words that stay one id of their own behind other text, with that id; special and unknown tokens are none.</summary>
    public IEnumerable<(string Word, int Id)> Words()
    {
        var unknown = (_tokenizer as WordTokenizer)?.Unknown;
        var special = _tokenizer.SpecialTokens.Values.ToHashSet();
        int[] before = [.. _tokenizer.Encode(TextBefore)];
        for (var id = 0; id < _tokenizer.VocabularySize; id++)
        {
            var word = special.Contains(id) ? "" : _tokenizer.Decode([id]).Trim();
            if (word.Length > 0 && word != unknown && _tokenizer.Encode($"{TextBefore} {word}").SequenceEqual([.. before, id]))
                yield return (word, id);
        }
    }

    /// <summary>The id that ends a completion.</summary>
    public int End => _end;

    public string Decode(IReadOnlyList<int> ids) => _tokenizer.Decode(ids);

    public int[] PromptOf(string query) => [.. _template.Encode([new("user", _instruction.Fill(query))], _tokenizer)];

    private int[] CompletionOf(string text) => [.. _tokenizer.Encode(text), _end];

    private static int EndOf(LlamaCheckpoint checkpoint, ChatTemplate template)
    {
        var name = template switch
        {
            ChatTemplate.Llama3 or ChatTemplate.Llama31 => "<|eot_id|>",
            ChatTemplate.ChatMl => "<|im_end|>",
            _ => null,
        };
        if (name is not null && checkpoint.Tokenizer.SpecialTokens.TryGetValue(name, out var end))
            return end;
        return checkpoint.Config.EosIds is [var first, ..] ? first
            : throw new ArgumentException($"'{checkpoint.Location}' names no id that ends a text (eos_token_id in config.json); a model can't learn to stop without one.");
    }
}
