using BenchmarkDotNet.Running;
using Vpo.Benchmarks;
using Vpo.Benchmarks.Training;
using Vpo.Models.Native;

LibtorchLoader.EnsureLoaded();
if (args is ["quick", ..])
    return Quick.Run(args[1..]);
if (args is ["quick-child", ..])
    return ChildMemory.Run(args[1..]);
BenchmarkSwitcher.FromAssembly(typeof(Quick).Assembly).Run(args);
return 0;
