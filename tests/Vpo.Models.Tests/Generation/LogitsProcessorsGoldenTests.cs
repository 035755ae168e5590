using System.Text.Json;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Generation;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Generation;

[Trait("Category", "Golden")]
[Trait("Family", "logits_processors")]
public sealed class LogitsProcessorsGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("logits_processors");

    private static ConfigReader Reader(JsonElement json) => ConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(json), "options");

    private static Tensor Apply(GoldenCase golden, Action<float[], int[]> change)
    {
        var (scores, ids) = (golden.Tensor("in.scores").cpu(), golden.Tensor("in.input_ids").cpu());
        var rows = Enumerable.Range(0, (int)scores.shape[0]).Select(row =>
        {
            var values = scores[row].data<float>().ToArray();
            change(values, Array.ConvertAll(ids[row].data<long>().ToArray(), id => (int)id));
            return tensor(values);
        }).ToList();
        return stack(rows);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Processor_GoldenScores_GivesTheReference(string name)
    {
        using var golden = GoldenCase.Open("logits_processors", name);
        using var scope = NewDisposeScope();
        foreach (var entry in golden.Json.GetProperty("processors").EnumerateObject())
            golden.AssertClose("out." + entry.Name, Apply(golden, (scores, ids) => Run(entry.Value, scores, ids)));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Pipeline_GoldenScores_GivesTheReference(string name)
    {
        using var golden = GoldenCase.Open("logits_processors", name);
        using var scope = NewDisposeScope();
        if (!golden.Json.TryGetProperty("pipelines", out var pipelines))
            return;
        string[] known = ["do_sample", "temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff", "repetition_penalty",
            "no_repeat_ngram_size", "bad_words_ids", "min_length", "min_new_tokens", "renormalize_logits", "eos_token_id"];
        foreach (var entry in pipelines.EnumerateObject())
        {
            var json = entry.Value.GetProperty("options");
            Assert.All(json.EnumerateObject(), option => Assert.Contains(option.Name, known));
            var options = SamplingOptions.Read(Reader(json));
            golden.AssertClose("out." + entry.Name, Apply(golden, (scores, ids) => new Sampler(scores.Length).Process(options, scores, ids, ids.Length)));
        }
    }

    private static void Run(JsonElement json, float[] scores, int[] ids)
    {
        var (reader, warpers) = (Reader(json), new Warpers(scores.Length));
        var (keep, stops) = ((int)reader.Integer("min_tokens_to_keep", 1), reader.Ids("eos_token_id"));
        switch (reader.Text("class"))
        {
            case "RepetitionPenaltyLogitsProcessor": HistoryRules.RepetitionPenalty(scores, ids, (float)reader.Number("penalty")); break;
            case "NoRepeatNGramLogitsProcessor": HistoryRules.NoRepeatNgram(scores, ids, (int)reader.Integer("ngram_size")); break;
            case "NoBadWordsLogitsProcessor": HistoryRules.BadWords(scores, ids, reader.IdLists("bad_words_ids"), stops); break;
            case "MinLengthLogitsProcessor" when ids.Length < reader.Integer("min_length"): HistoryRules.Forbid(scores, stops); break;
            case "MinNewTokensLengthLogitsProcessor" when ids.Length - reader.Integer("prompt_length_to_skip") < reader.Integer("min_new_tokens"):
                HistoryRules.Forbid(scores, stops); break;
            case "MinLengthLogitsProcessor" or "MinNewTokensLengthLogitsProcessor": break;
            case "TemperatureLogitsWarper": Warpers.Temperature(scores, (float)reader.Number("temperature")); break;
            case "TopKLogitsWarper": warpers.TopK(scores, (int)reader.Integer("top_k"), keep); break;
            case "TopPLogitsWarper": warpers.TopP(scores, reader.Number("top_p"), keep); break;
            case "MinPLogitsWarper": warpers.MinP(scores, reader.Number("min_p"), keep); break;
            case "TypicalLogitsWarper": warpers.Typical(scores, reader.Number("mass"), keep); break;
            case "EpsilonLogitsWarper": warpers.Epsilon(scores, reader.Number("epsilon"), keep); break;
            case "EtaLogitsWarper": warpers.Eta(scores, reader.Number("epsilon"), keep); break;
            case "LogitNormalization": warpers.Normalize(scores); break;
            case var other: Assert.Fail($"unknown processor {other}"); break;
        }
        string[] known = ["class", "min_tokens_to_keep", "eos_token_id", "penalty", "ngram_size", "bad_words_ids", "min_length", "prompt_length_to_skip",
            "min_new_tokens", "temperature", "top_k", "top_p", "min_p", "mass", "epsilon"];
        Assert.All(json.EnumerateObject(), option => Assert.Contains(option.Name, known));
    }
}
