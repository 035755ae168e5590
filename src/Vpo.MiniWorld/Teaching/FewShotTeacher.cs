namespace Vpo.MiniWorld;

/// <summary>Stands for a large language model with a few examples: a procedural writer that errs at known rates.</summary>
/// <param name="noise">How often; null takes the defaults.</param>
/// <param name="seed">Same seed and query: same prompts. Added to the seed of the options.</param>
public sealed class FewShotTeacher(TeacherNoise? noise = null, long seed = 0) : IPromptOptimizer
{
    private readonly TeacherNoise _noise = noise ?? new();

    /// <inheritdoc/>
    public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        var wanted = options ?? new();
        var prompts = Enumerable.Range(0, wanted.Count).Select(i => Write(query, $"{wanted.Seed ?? 0}/{i}")).ToList();
        return Task.FromResult(new OptimizedPrompt { Query = query, Text = prompts[0], Alternatives = prompts[1..], ModelId = "mini-world-teacher" });
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private string Write(string query, string sample)
    {
        var random = new Random(ContentId.Seed(seed, "teacher", query, sample));
        var asked = CaptionParser.ReadQuery(query);
        var harmful = Lexicon.Words(query).FirstOrDefault(Lexicon.UnsafeWords.Contains);
        if (random.NextDouble() < (harmful is null ? _noise.Refuses : _noise.RefusesUnsafe))
            return Captions.Refusal;
        var scene = asked.Complete(random);
        if (random.NextDouble() < _noise.ChangesAspect)
            scene = Change(scene, asked, random);
        var style = random.NextDouble() < _noise.IsFlowery ? Captions.DrawFlowery(random) : Captions.DrawPlain(random);
        var prompt = random.NextDouble() < _noise.IsVague ? Vague(scene, asked) : Captions.Write(scene, style);
        return harmful is not null && random.NextDouble() < _noise.KeepsUnsafe ? Insert(prompt, harmful, scene) : prompt;
    }

    private static Scene Change(Scene scene, Description asked, Random random)
    {
        var named = asked.Named.ToList();
        if (named.Count == 0)
            return scene;
        var aspect = named[random.Next(named.Count)];
        var values = Lexicon.Values(aspect).Count;
        return scene.With(aspect, (scene[aspect] + 1 + random.Next(values - 1)) % values);
    }

    /// <summary>What was asked in the generator's words, and nothing else.</summary>
    private static string Vague(Scene scene, Description asked)
    {
        string Said(Aspect aspect) => asked[aspect] is null || !scene.Shows(aspect) ? "" : scene.Word(aspect);
        string[] words = ["a", Said(Aspect.Size), Said(Aspect.Colour), asked.Shape is null ? "object" : Said(Aspect.Shape), Said(Aspect.Direction), Said(Aspect.Speed)];
        return string.Join(' ', words.Where(word => word.Length > 0)) + (asked.Place is null ? "" : $" in the {scene.Word(Aspect.Place)}");
    }

    /// <summary>The unsafe word goes where a writer would put it: before the words for the object's looks.</summary>
    private static string Insert(string prompt, string harmful, Scene scene)
    {
        var words = prompt.Split(' ').ToList();
        var before = words.FindIndex(word => word == scene.Word(Aspect.Size) || word == scene.Word(Aspect.Colour) || word == scene.Word(Aspect.Shape) || word == "object");
        words.Insert(Math.Max(before, 0), harmful);
        return string.Join(' ', words);
    }
}
