namespace Vpo.Queries;

/// <summary>Self-BLEU (Zhu et al. 2018): how much each text of a set repeats the others. Lower is more diverse.</summary>
public static class SelfBleu
{
    /// <summary>Each text as hypothesis, all others as references; equal texts elsewhere in the set count.</summary>
    /// <param name="texts">The words of each text; at least two texts. Quadratic in their number: for sets of a few thousand.</param>
    /// <param name="options">Null: as NLTK.</param>
    /// <returns>One score a text; their mean is the set's self-BLEU.</returns>
    public static double[] Each(IReadOnlyList<IReadOnlyList<string>> texts, BleuOptions? options = null)
    {
        CheckCount(texts);
        return [.. texts.Select((text, i) => Bleu.Sentence(text, [.. texts.Where((_, j) => j != i)], options))];
    }

    /// <summary>Hypothesis i against the single reference j; not symmetric.</summary>
    /// <param name="texts">The words of each text.</param>
    /// <param name="options">Null: as NLTK.</param>
    public static double[][] Pairwise(IReadOnlyList<IReadOnlyList<string>> texts, BleuOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(hypothesis => texts.Select(reference => Bleu.Sentence(hypothesis, [reference], options)).ToArray())];
    }

    /// <summary>For each text the highest pairwise score against another one.</summary>
    /// <param name="texts">The words of each text; at least two texts.</param>
    /// <param name="options">Null: as NLTK.</param>
    public static double[] PairwiseMax(IReadOnlyList<IReadOnlyList<string>> texts, BleuOptions? options = null)
    {
        CheckCount(texts);
        return [.. Pairwise(texts, options).Select((row, i) => row.Where((_, j) => j != i).Max())];
    }

    private static void CheckCount(IReadOnlyList<IReadOnlyList<string>> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.Count < 2)
            throw new ArgumentException($"expected at least two texts to compare, found {texts.Count}", nameof(texts));
    }
}
