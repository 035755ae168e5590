namespace Vpo.Atoms.Language;

/// <summary>Cuts a text into sentences that, put together, are the text again.</summary>
internal static class Sentences
{
    internal static string[] Split(string text)
    {
        var starts = new List<int> { 0 };
        Token? before = null;
        foreach (var token in Tokenizer.Read(text))
        {
            if (before is not null && token.Sentence != before.Sentence)
                starts.Add(StartOf(text, before.End, token.Start));
            before = token;
        }
        return [.. starts.Select((start, i) => text[start..(i + 1 < starts.Count ? starts[i + 1] : text.Length)])];
    }

    /// <summary>The piece that holds a sentence of the whole text.</summary>
    internal static int PieceOf(string[] pieces, PromptText text, int sentence)
    {
        var start = text.Tokens.Find(t => t.Sentence == sentence)?.Start ?? 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            if (start < pieces[i].Length)
                return i;
            start -= pieces[i].Length;
        }
        return 0;
    }

    /// <summary>Opening marks belong to the sentence that they open.</summary>
    private static int StartOf(string text, int from, int to)
    {
        while (to > from && !char.IsWhiteSpace(text[to - 1]) && text[to - 1] is not ('.' or '!' or '?'))
            to--;
        return to;
    }
}
