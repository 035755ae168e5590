using System.Runtime.Intrinsics;
using TorchSharp;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Decoding;

/// <summary>The engines of one model, made when first asked for, and the calls that are using the model.</summary>
internal sealed class EngineSlot
{
    private readonly Lock _lock = new();
    private readonly Dictionary<WeightType, LlamaEngine> _engines = [];
    private int _users;
    private long? _numbers;   // in all parameters
    private Action? _whenFree;

    /// <summary>Announces a call: until it is disposed of, the model's memory stays.</summary>
    /// <exception cref="ObjectDisposedException">The model is disposed, or about to be.</exception>
    public IDisposable Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_whenFree is not null, typeof(LlamaModel));
            _users++;
        }
        return new Visit(this);
    }

    /// <summary>Frees the engines, and the model with the given action: now, or when the last running call ends.</summary>
    public void Close(Action free)
    {
        lock (_lock)
        {
            if (_whenFree is not null)
                return;
            _whenFree = free;
            if (_users > 0)
                return;
        }
        Free();
    }

    /// <summary>Forgets engines whose weights are about to change.</summary>
    public void Forget()
    {
        lock (_lock)
            _engines.Clear();   // a running call may still use one; its memory goes when the collector finds it
    }

    /// <summary>The engine for a model; null when it must run on its ordinary path.</summary>
    /// <param name="model">The owner of this.</param>
    /// <param name="type">Null: the type in which the model computes. Auto is settled here.</param>
    public LlamaEngine? For(LlamaModel model, WeightType? type)
    {
        if (Wanted(model, type) is not { } wanted)
        {
            Forget();
            return null;
        }
        lock (_lock)
        {
            if (!_engines.TryGetValue(wanted, out var engine))
                _engines.Add(wanted, engine = new(model, wanted));
            return engine;
        }
    }

    private WeightType? Wanted(LlamaModel model, WeightType? type)
    {
        if (model.Device.type != DeviceType.CPU || model.Adapter is { IsOn: true } || model.parameters().Any(p => p.requires_grad))
            return null;
        if (type == WeightType.Auto)
            type = (_numbers ??= model.parameters().Sum(p => p.numel())) < WeightProbe.WorthChoosing ? null : WeightProbe.Fastest;
        if (type is not null || !Vector256.IsHardwareAccelerated)
            return type;
        return model.Compute switch
        {
            ScalarType.Float32 => WeightType.Float32,
            ScalarType.BFloat16 => WeightType.BFloat16,
            _ => null,
        };
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_users > 0 || _whenFree is null)
                return;
        }
        Free();
    }

    private void Free()
    {
        foreach (var engine in _engines.Values)
            engine.Dispose();
        _engines.Clear();
        _whenFree!();
    }

    private sealed class Visit(EngineSlot slot) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                slot.Leave();
        }
    }
}
