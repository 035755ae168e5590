using Vpo.Models.Chat;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tokenizers;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Training.Track;

/// <summary>Has a model write the prompts of the table and keeps them as they are: an optimizer would hide refusals and cut torn ends.</summary>
internal sealed class TrackWriter : IDisposable
{
    private const int Together = 64;

    private readonly LlamaModel _model;
    private readonly ITokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly InstructionTemplate _instruction;
    private readonly SamplingOptions _sampling;
    private readonly TextGenerator _generator;
    private readonly long _seed;

    /// <param name="options">Model, instruction, seed, length.</param>
    /// <param name="adapter">The adapter's folder; null: the base model.</param>
    public TrackWriter(TrackOptions options, string? adapter)
    {
        using var checkpoint = LlamaCheckpoint.Open(options.Model);
        (_tokenizer, _template, _instruction, _seed) = (checkpoint.Tokenizer, checkpoint.Template, new(options.Instruction), options.Seed);
        _sampling = new() { Temperature = 0.7, TopP = 0.9, MaxNewTokens = options.MaxNewTokens, StopIds = checkpoint.Defaults.StopIds };   // as LlamaOptimizerOptions
        _model = checkpoint.Load(ScalarType.Float32);
        if (adapter is not null)
            LoraAdapter.Open(_model, adapter).Merge();
        _generator = new(_model, _tokenizer) { MaxBatch = Together, Weights = options.Weights };
    }

    /// <summary>One prompt a query, sampled as users sample.</summary>
    /// <param name="name">The method.</param>
    /// <param name="path">Where they are kept.</param>
    /// <param name="queries">All of them.</param>
    /// <param name="progress">May be null.</param>
    /// <param name="cancellationToken">Looked at between tokens.</param>
    public Task<IReadOnlyList<TrackPrompt>> WriteAsync(string name, string path, IReadOnlyList<Query> queries, IProgress<StageProgress>? progress, CancellationToken cancellationToken) =>
        new Stage<Query, TrackPrompt>($"prompts {name}", path, TrackJson.Lines.TrackPrompt, IdOf) { ChunkSize = 2 * Together }
            .RunAsync(queries, (chunk, ct) => Task.FromResult(Write(chunk, ct)), progress, cancellationToken);

    public void Dispose() => _model.Dispose();

    private static string IdOf(Query query) => ContentId.Of("track prompt", query.Id);

    private IReadOnlyList<TrackPrompt> Write(IReadOnlyList<Query> queries, CancellationToken cancellationToken)
    {
        var requests = queries.Select(q => new GenerationRequest(_template.Encode([new("user", _instruction.Fill(q.Text))], _tokenizer), ContentId.Seed(_seed, "track prompt", q.Id)));
        var written = _generator.Generate([.. requests], _sampling, cancellationToken: cancellationToken);
        return [.. queries.Zip(written, (q, text) => new TrackPrompt(IdOf(q), q.Text, AnswerCleaning.Clean(_tokenizer.Decode(text.Ids)), text.Reason == FinishReason.StopId))];
    }
}
