namespace Vpo.MiniWorld;

/// <summary>What a prompt says, read by its canonical words alone.</summary>
public sealed record PromptReading
{
    /// <summary>The aspects that it names. Where it names two values of one aspect, the first.</summary>
    public required Description Description { get; init; }

    /// <summary>Aspects for which it names two values that can't both hold.</summary>
    public required IReadOnlyList<Aspect> Contradictions { get; init; }

    /// <summary>Unsafe words in it.</summary>
    public required IReadOnlyList<string> UnsafeWords { get; init; }

    /// <summary>Whether it declines instead of describing.</summary>
    public required bool IsRefusal { get; init; }

    /// <summary>Asked aspects that have another value here, or two.</summary>
    public IEnumerable<Aspect> Changed(Description asked)
    {
        var self = this;
        return asked.Named.Where(a => self.Description[a] is { } said && (said != asked[a] || self.Contradictions.Contains(a)));
    }

    /// <summary>Asked aspects that are not named here.</summary>
    public IEnumerable<Aspect> Lost(Description asked)
    {
        var self = this;
        return asked.Named.Where(a => self.Description[a] is null);
    }
}

/// <summary>Reads prompts and queries.</summary>
public static class CaptionParser
{
    /// <summary>Reads a prompt: only the canonical words count, as only they mean something to the generator.</summary>
    public static PromptReading ReadPrompt(string prompt) => Read(prompt, Lexicon.Meaning);

    /// <summary>What a query asks for, in the user's words or in canonical ones.</summary>
    public static Description ReadQuery(string query) => Read(query, Lexicon.UserMeaning).Description;

    private static PromptReading Read(string text, Func<string, (Aspect Aspect, int Value)?> meaning)
    {
        var words = Lexicon.Words(text);
        var found = default(Description);
        var contradictions = new SortedSet<Aspect>();
        foreach (var word in words)
        {
            if (meaning(word) is not { } named)
                continue;
            if (found[named.Aspect] is null)
                found = found.With(named.Aspect, named.Value);
            else if (found[named.Aspect] != named.Value)
                contradictions.Add(named.Aspect);
        }
        return new()
        {
            Description = found,
            Contradictions = [.. contradictions],
            UnsafeWords = [.. words.Where(Lexicon.UnsafeWords.Contains)],
            IsRefusal = words.Any(Captions.RefusalWords.Contains),
        };
    }
}
