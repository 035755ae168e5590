using System.CommandLine;
using System.Globalization;
using Vpo.Mining;

namespace Vpo.Cli;

/// <summary>The options that say which pairs are made: a preset, and what differs from it.</summary>
internal sealed class PairRules
{
    private readonly Option<VpoPreset> _preset = new("--preset") { Description = "Whose rules: Default (best against worst, gap above 0.5), Paper (neighbours in score, gap above 0.5), Released (dominance on every answer, the first pair found, one pair a query, text before video).", DefaultValueFactory = _ => VpoPreset.Default };
    private readonly Option<double?> _gap = new("--gap") { Description = "The chosen clip's score must be more than this above the rejected one's; on the reward's scale." };
    private readonly Option<Dominance?> _dominance = new("--dominance") { Description = "In what the chosen clip must not be worse." };
    private readonly Option<PairSelection?> _selection = new("--select") { Description = "Which of a query's admissible pairs are taken." };
    private readonly Option<double?> _floor = new("--score-floor") { Description = "Least score of a chosen clip." };
    private readonly Option<string[]> _floors = new("--dimension-floor") { Description = "Least value of a chosen clip's dimension, as NAME=VALUE; may be given several times." };
    private readonly Option<int?> _words = new("--max-words") { Description = "Most words of a chosen prompt." };
    private readonly Option<bool?> _one = new("--one-per-query") { Description = "Keep one pair a query, a text-level one before a video-level one." };
    private readonly Option<bool?> _aligned = new("--aligned-only") { Description = "Leave out clips whose prompt the verdicts do not call aligned. Default: true, with Released false." };
    private readonly Option<long> _seed = new("--seed") { Description = "Of the order, and of choices by chance." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_preset, _gap, _dominance, _selection, _floor, _floors, _words, _one, _aligned, _seed])
            command.Options.Add(option);
    }

    public bool IsReleased(ParseResult parsed) => parsed.GetValue(_preset) == VpoPreset.Released;

    public long Seed(ParseResult parsed) => parsed.GetValue(_seed);

    public PairMiner Miner(ParseResult parsed)
    {
        var preset = parsed.GetValue(_preset);
        var miner = PairMiner.For(preset, Options(parsed), parsed.GetValue(_seed));
        return parsed.GetValue(_aligned) is { } aligned ? new(Options(parsed)) { AsReleased = miner.AsReleased, AlignedOnly = aligned, Seed = miner.Seed } : miner;
    }

    /// <summary>The rules in one sentence.</summary>
    public string Says(ParseResult parsed)
    {
        var options = Options(parsed);
        var more = new List<string>();
        if (options.ScoreFloor is { } floor)
            more.Add(string.Create(CultureInfo.InvariantCulture, $"score at least {floor:0.###}"));
        more.AddRange(options.DimensionFloors.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} at least {f.Value:0.###}")));
        if (options.MaxWords is { } words)
            more.Add(string.Create(CultureInfo.InvariantCulture, $"at most {words} words"));
        if (options.OnePerQuery)
            more.Add("one pair a query");
        return string.Create(CultureInfo.InvariantCulture, $"Rules: preset {parsed.GetValue(_preset)}, gap above {options.Gap:0.###}, dominance {options.Dominance}, taken {options.Selection}{string.Concat(more.Select(m => ", " + m))}, seed {parsed.GetValue(_seed)}.");
    }

    private PairOptions Options(ParseResult parsed)
    {
        var preset = PairOptions.For(parsed.GetValue(_preset));
        return preset with
        {
            Gap = parsed.GetValue(_gap) ?? preset.Gap,
            Dominance = parsed.GetValue(_dominance) ?? preset.Dominance,
            Selection = parsed.GetValue(_selection) ?? preset.Selection,
            ScoreFloor = parsed.GetValue(_floor),
            DimensionFloors = (parsed.GetValue(_floors) ?? []).Select(Floor).ToDictionary(),
            MaxWords = parsed.GetValue(_words),
            OnePerQuery = parsed.GetValue(_one) ?? preset.OnePerQuery,
        };
    }

    private static KeyValuePair<string, double> Floor(string text)
    {
        var at = text.LastIndexOf('=');
        return at > 0 && double.TryParse(text.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? new(text[..at], value)
            : throw new ArgumentException($"--dimension-floor: expected NAME=VALUE, such as Alignment=1.2, found '{text}'.");
    }
}
