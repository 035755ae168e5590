namespace Vpo.Models.Decoding;

/// <summary>Scratch memory at a fixed address that begins on a cache line; grows and never shrinks.</summary>
internal sealed unsafe class PinnedBuffer<T> where T : unmanaged
{
    private const int CacheLine = 64;

    private T[] _room = [];

    /// <summary>The first element. Valid until the next <see cref="Ensure"/> that grows, and while this object is reachable.</summary>
    public T* At { get; private set; }

    /// <summary>Makes room; the contents are lost when it grows.</summary>
    public T* Ensure(long count)
    {
        var needed = count + CacheLine / sizeof(T);
        if (_room.LongLength >= needed)
            return At;
        _room = GC.AllocateUninitializedArray<T>(checked((int)needed), pinned: true);
        fixed (T* start = _room)
            return At = (T*)(((nuint)start + CacheLine - 1) & ~(nuint)(CacheLine - 1));
    }
}
