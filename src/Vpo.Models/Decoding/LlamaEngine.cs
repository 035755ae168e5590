using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TorchSharp;
using Vpo.Models.Llama;
using Vpo.Models.Native;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Vpo.Models.Decoding;

/// <summary>
/// A LLaMA model that only writes text: the same arithmetic as <see cref="LlamaModel"/> on plain memory, so that a token costs what reading the weights costs.
/// Tokens of many sequences, each of its own length, go through it together.
/// </summary>
internal sealed unsafe class LlamaEngine : IDisposable
{
    private const int WorthAttendingTogether = 150;   // tokens that a helper should compare with before it takes the next part
    private const int WorthLibrary = 256;   // width of a model from which on libtorch's products are faster than the kernels here
    private const int MostSpaces = 4;
    private const long WorthCopying = 16 << 20;   // bytes; less stays in the processor's caches anyway
    private const long WorthHelp = 4_000_000;   // multiplications of a pass from which on a second thread pays

    private readonly LlamaConfig _config;
    private readonly EngineLayer[] _layers;
    private readonly ConcurrentBag<Workspace> _spaces = [];
    private readonly WeightArena? _arena;
    private readonly Projection _head;
    private readonly float[] _norm, _frequencies;
    private readonly Tensor _embedding;
    private readonly long _multiplications;
    private readonly int _queryWidth, _keyWidth;

    /// <param name="model">Its parameters are read where they are, if their type is the wanted one. Later changes to them may or may not be seen.</param>
    /// <param name="type">How to read matrices.</param>
    public LlamaEngine(LlamaModel model, WeightType type)
    {
        var start = Stopwatch.GetTimestamp();
        (_config, Type, Shape) = (model.Config, type, KvShape.Of(model.Config, type));
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter, StringComparer.Ordinal);
        _arena = ArenaFor(parameters, type);
        _layers = [.. Enumerable.Range(0, _config.Layers).Select(i => new EngineLayer(parameters, i, type, _arena))];
        _head = new([model.HeadWeight], null, type, _arena);
        _norm = EngineLayer.Norm(parameters["model.norm.weight"]);
        _embedding = model.EmbeddingWeight.detach().DetachFromDisposeScope();
        _frequencies = Rotary.FrequenciesOf(_config);
        (_queryWidth, _keyWidth) = ((int)(_config.Heads * _config.HeadDim), (int)(_config.KeyValueHeads * _config.HeadDim));
        _multiplications = parameters.Values.Sum(p => p.numel());
        Preparation = new(type, _layers.Sum(l => l.CopiedBytes) + _head.CopiedBytes, Stopwatch.GetElapsedTime(start));
    }

    public WeightType Type { get; }

    public KvShape Shape { get; }

    public int Vocabulary => (int)_config.VocabularySize;

    /// <summary>What it cost to make this.</summary>
    public Preparation Preparation { get; }

    /// <summary>Prompts that were read before.</summary>
    public PrefixCache Prefixes { get; } = new();

    /// <summary>Adds tokens to sequences.</summary>
    /// <param name="feeds">Different sequences.</param>
    /// <param name="inLibrary">Whether libtorch multiplies, where that is faster: many tokens at a time in bfloat16. Its sums do not depend on how many tokens
    /// there are, nor do those of the kernels here, but the two are not added in the same order.</param>
    /// <param name="space">Gets the logits, in the order of the feeds that want them.</param>
    public void Forward(IReadOnlyList<Feed> feeds, bool inLibrary, Workspace space)
    {
        var rows = RowsOf(feeds);
        var library = Type == WeightType.BFloat16 && inLibrary && _config.HiddenSize >= WorthLibrary && ComputeProbe.FastestType(CPU) == ScalarType.BFloat16;
        var widest = Math.Max(_layers.Length == 0 ? 0 : Math.Max(_layers[0].Queries.Outputs, _layers[0].Gates.Outputs), (int)_config.HiddenSize);
        space.Shape(rows, AnglesOf(rows), (int)_config.HiddenSize, widest);
        using var team = Crew.Shared.Take(rows.Length * _multiplications > WorthHelp && (!library || OpenMp.IsKnown));
        var threads = OpenMp.Threads;
        if (team.Size > 1)
            OpenMp.Threads = 1;   // the team divides products itself
        try
        {
            Embed(space);
            for (var i = 0; i < _layers.Length; i++)
                Layer(i, team, space, library);
            WriteLogits(feeds, team, space, library);
        }
        finally
        {
            OpenMp.Threads = threads;
        }
    }

    /// <summary>Scratch memory for a call; give it back with <see cref="Return"/>.</summary>
    public Workspace Rent() => _spaces.TryTake(out var space) ? space : new(Type);

    /// <summary>Keeps scratch memory for a later call.</summary>
    public void Return(Workspace space)
    {
        if (_spaces.Count < MostSpaces)
            _spaces.Add(space);
        else
            space.Dispose();
    }

    public void Dispose()
    {
        foreach (var space in _spaces)
            space.Dispose();
        foreach (var layer in _layers)
            layer.Dispose();
        _head.Dispose();
        _arena?.Dispose();
        _embedding.Dispose();
    }

    /// <summary>Room for copies of all matrices, when they are worth it and memory is plenty; the model's own stay where they are.</summary>
    private static WeightArena? ArenaFor(Dictionary<string, Tensor> parameters, WeightType type)
    {
        var isTied = !parameters.ContainsKey("lm_head.weight");
        var count = parameters.Where(p => p.Value.dim() == 2 && (isTied || p.Key != "model.embed_tokens.weight")).Sum(p => WeightArena.CountOf(p.Value));
        var bytes = count * (type switch { WeightType.Float32 => 4, WeightType.BFloat16 => 2, _ => 1 });
        return bytes < WorthCopying || bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 ? null : new(type, count);
    }

    private static TokenRow[] RowsOf(IReadOnlyList<Feed> feeds)
    {
        var rows = new TokenRow[feeds.Sum(f => f.Ids.Length)];
        var next = 0;
        foreach (var feed in feeds)
        {
            var position = feed.Strand.Length;
            feed.Strand.Grow(feed.Ids.Length);
            foreach (var id in feed.Ids.Span)
                rows[next++] = new(id, feed.Strand, position++);
        }
        return rows;
    }

    private float[] AnglesOf(TokenRow[] rows)
    {
        var half = _frequencies.Length;
        var angles = new float[rows.Length * 2 * half];
        for (var row = 0; row < rows.Length; row++)
        {
            var cos = angles.AsSpan(row * 2 * half, half);
            var sin = angles.AsSpan((row * 2 + 1) * half, half);
            for (var i = 0; i < half; i++)
                (sin[i], cos[i]) = MathF.SinCos(rows[row].Position * _frequencies[i]);
        }
        return angles;
    }

    private void Embed(Workspace space)
    {
        using var scope = NewDisposeScope();
        var hidden = (int)_config.HiddenSize;
        var ids = tensor(Array.ConvertAll(space.Rows, row => (long)row.Id));
        var rows = _embedding.index_select(0, ids).to(ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(rows.bytes);
        for (var row = 0; row < space.Rows.Length; row++)
        {
            values.Slice(row * hidden, hidden).CopyTo(space.ResidualOf(row));
            space.DeltaOf(row).Clear();
        }
    }

    private void Layer(int index, Crew.Team team, Workspace space, bool library)
    {
        var layer = _layers[index];
        Normalise(team, space, layer.BeforeAttention, library);
        layer.Queries.Multiply(team, space.Hidden, space.Projected);
        ForRows(team, space, row => Place(index, row, space));
        var heads = (int)_config.KeyValueHeads;
        team.For(space.Rows.Length * heads, 1 + WorthAttendingTogether / (1 + space.Rows[^1].Position), (first, end) =>
        {
            for (var i = first; i < end; i++)
                Attend(index, i / heads, i % heads, space);
        });
        space.Heads.Shape(space.Rows.Length, _queryWidth, library);
        ForRows(team, space, row => space.Heads.Set(row, space.ProjectedOf(row, layer.Queries.Outputs)[.._queryWidth]));
        layer.Output.Multiply(team, space.Heads, space.Delta);
        Normalise(team, space, layer.BeforeMlp, library);
        layer.Gates.Multiply(team, space.Hidden, space.Projected);
        space.Inner.Shape(space.Rows.Length, (int)_config.IntermediateSize, library);
        ForRows(team, space, row => Gate(row, space));
        layer.Down.Multiply(team, space.Inner, space.Delta);
    }

    private static void ForRows(Crew.Team team, Workspace space, Action<int> body) => team.For(space.Rows.Length, 4, (first, end) =>
    {
        for (var row = first; row < end; row++)
            body(row);
    });

    /// <summary>Adds what the last sublayer gave, and makes the next one's input.</summary>
    private void Normalise(Crew.Team team, Workspace space, float[] weight, bool library)
    {
        space.Hidden.Shape(space.Rows.Length, (int)_config.HiddenSize, library);
        ForRows(team, space, row => space.Hidden.Set(row, space.NextInput(row, weight, _config.NormEpsilon)));
    }

    /// <summary>Turns queries and key to their position, scales the queries, and keeps key and value.</summary>
    private void Place(int layer, int row, Workspace space)
    {
        var (dim, half) = ((int)_config.HeadDim, _frequencies.Length);
        var all = space.ProjectedOf(row, _queryWidth + 2 * _keyWidth);
        var cos = space.Angles.AsSpan(row * 2 * half, half);
        var sin = space.Angles.AsSpan((row * 2 + 1) * half, half);
        for (var head = 0; head < _queryWidth + _keyWidth; head += dim)
            Turn(all.Slice(head, half), all.Slice(head + half, half), cos, sin);
        TensorPrimitives.Multiply(all[.._queryWidth], 1 / MathF.Sqrt(dim), all[.._queryWidth]);
        var (segment, token) = space.Rows[row].Strand.At(space.Rows[row].Position);
        for (var head = 0; head < (int)_config.KeyValueHeads; head++)
            segment.Write(layer, head, token, all.Slice(_queryWidth + head * dim, dim), all.Slice(_queryWidth + _keyWidth + head * dim, dim));
    }

    private static void Turn(Span<float> first, Span<float> second, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        for (var i = 0; i < cos.Length; i++)
            (first[i], second[i]) = (first[i] * cos[i] - second[i] * sin[i], second[i] * cos[i] + first[i] * sin[i]);
    }

    private void Attend(int layer, int row, int head, Workspace space)
    {
        var group = _queryWidth / (int)_config.KeyValueHeads;
        var queries = space.ProjectedOf(row, _queryWidth + 2 * _keyWidth).Slice(head * group, group);
        HeadMixing.Mix(Shape, space.Rows[row].Strand, (layer, head), space.Rows[row].Position + 1, queries);
    }

    /// <summary>silu(gate) · up.</summary>
    private void Gate(int row, Workspace space)
    {
        var inner = (int)_config.IntermediateSize;
        var all = space.ProjectedOf(row, 2 * inner);
        var gate = all[..inner];
        var up = all[inner..];
        TensorPrimitives.Multiply(up, gate, up);
        TensorPrimitives.Sigmoid(gate, gate);
        TensorPrimitives.Multiply(up, gate, up);
        space.Inner.Set(row, up);
    }

    private void WriteLogits(IReadOnlyList<Feed> feeds, Crew.Team team, Workspace space, bool library)
    {
        var wanted = new List<int>();
        var last = -1;
        foreach (var feed in feeds)
        {
            last += feed.Ids.Length;
            if (feed.WantsLogits)
                wanted.Add(last);
        }
        if (wanted.Count == 0)
            return;
        space.Hidden.Shape(wanted.Count, (int)_config.HiddenSize, library);
        for (var i = 0; i < wanted.Count; i++)
            space.Hidden.Set(i, space.NextInput(wanted[i], _norm, _config.NormEpsilon));
        space.ShapeLogits(wanted.Count, (int)_config.VocabularySize);
        _head.Multiply(team, space.Hidden, space.Logits);
    }
}
