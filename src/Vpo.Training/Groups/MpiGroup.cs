using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Vpo.Training.Groups;

/// <summary>The processes that mpirun started, through Open MPI's library, which is looked for at run time.</summary>
/// <remarks>A process that dies or fails ends all, with a message: of mpirun where it was killed, of the process itself otherwise. Open MPI only: MPICH has other handles. Open MPI 4 sums no bfloat16, so gradients travel in float32.</remarks>
public sealed unsafe partial class MpiGroup : IWorkGroup, IDisposable
{
    private const int Now = 2, Global = 0x100;
    private const nint InPlace = 1;

    private static readonly string[] Names = ["libmpi.so.40", "libmpi.so.12", "libmpi.so"];

    private readonly nint _library, _world, _float, _sum;

    private MpiGroup(nint library)
    {
        _library = library;
        (_world, _float, _sum) = (Symbol("ompi_mpi_comm_world"), Symbol("ompi_mpi_float"), Symbol("ompi_mpi_op_sum"));
        Check(((delegate* unmanaged<nint, nint, int>)Symbol("MPI_Init"))(0, 0), "MPI_Init");
        int rank, size;
        Check(((delegate* unmanaged<nint, int*, int>)Symbol("MPI_Comm_rank"))(_world, &rank), "MPI_Comm_rank");
        Check(((delegate* unmanaged<nint, int*, int>)Symbol("MPI_Comm_size"))(_world, &size), "MPI_Comm_size");
        (Rank, Size) = (rank, size);
        AppDomain.CurrentDomain.UnhandledException += AbortUnhandled;
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Whether Open MPI's library is there.</summary>
    public static bool IsInstalled => Load() != 0;

    /// <summary>Joins the processes that mpirun started; once a process.</summary>
    /// <returns>Null when this process was not started by mpirun.</returns>
    /// <exception cref="DllNotFoundException">mpirun started it, but Open MPI's library is not found.</exception>
    public static MpiGroup? Join()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE")))
            return null;
        return Load() is var library && library != 0 ? new(library)
            : throw new DllNotFoundException($"mpirun started this process, but none of {string.Join(", ", Names)} can be loaded. Install Open MPI's runtime (openmpi-bin).");
    }

    /// <inheritdoc/>
    public void Sum(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dtype != ScalarType.Float32 || !tensor.is_contiguous() || tensor.device_type != TorchSharp.DeviceType.CPU)
            throw new ArgumentException($"expected a contiguous float32 tensor on the CPU, found {tensor.dtype} on {tensor.device}.", nameof(tensor));
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        Check(((delegate* unmanaged<nint, nint, int, nint, nint, nint, int>)Symbol("MPI_Allreduce"))(InPlace, start, checked((int)tensor.numel()), _float, _sum, _world), "MPI_Allreduce");
        GC.KeepAlive(tensor);
    }

    /// <inheritdoc/>
    public void Abort(string reason)
    {
        Console.Error.WriteLine($"rank {Rank} of {Size} ends all: {reason}");
        _ = ((delegate* unmanaged<nint, int, int>)Symbol("MPI_Abort"))(_world, 1);
    }

    /// <summary>Leaves the group; all processes must.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.UnhandledException -= AbortUnhandled;
        _ = ((delegate* unmanaged<int>)Symbol("MPI_Finalize"))();
    }

    // A process that fails outside of training, too: the runtime tells of it before it would leave the group, which waits for the others.
    private void AbortUnhandled(object sender, UnhandledExceptionEventArgs e) => Abort(e.ExceptionObject is Exception failure ? $"{failure.GetType().Name}: {failure.Message}" : "unknown failure.");

    // Open MPI loads parts of itself later and expects its own symbols to be visible to them.
    private static nint Load() => OperatingSystem.IsLinux() ? Names.Select(name => DlOpen(name, Now | Global)).FirstOrDefault(handle => handle != 0) : 0;

    private nint Symbol(string name) => NativeLibrary.GetExport(_library, name);

    private static void Check(int code, string call)
    {
        if (code != 0)
            throw new InvalidOperationException($"{call} failed with code {code}.");
    }

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint DlOpen(string name, int flags);
}
