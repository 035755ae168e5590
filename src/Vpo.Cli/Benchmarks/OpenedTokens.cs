using Vpo.Models.Tokenizers;
using Vpo.Rewards.Clip;
using Vpo.Video.CogVideoX;

namespace Vpo.Cli.Benchmarks;

/// <summary>Counts tokens as a video model's text encoder reads them, its begin and end tokens included.</summary>
internal static class OpenedTokens
{
    public static Func<string, int> Open(string path)
    {
        string[] places = [path, Path.Combine(path, "tokenizer")];   // of a pipeline's folder too
        if (places.FirstOrDefault(p => File.Exists(Path.Combine(p, "spiece.model"))) is { } t5 && T5Tokenizer.Open(t5) is var unigram)
            return text => unigram.Encode(text).Count + 1;
        if (places.FirstOrDefault(p => File.Exists(Path.Combine(p, "vocab.json"))) is { } pairs && ClipTokenizer.Open(pairs) is var clip)
            return text => clip.Encode(text).Count;
        if (places.Select(p => Path.Combine(p, "tokenizer.json")).Prepend(path).FirstOrDefault(File.Exists) is { } json && TokenizerJson.Open(json) is var any)
            return text => any.Encode(text).Count;
        throw new FileNotFoundException($"--tokenizer '{path}': expected a folder with spiece.model, vocab.json or tokenizer.json, or a tokenizer.json.", path);
    }
}
