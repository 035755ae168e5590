namespace Vpo.Reporting;

/// <summary>How a report looks.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{--ink:#1c2430;--soft:#5b6675;--line:#d8dee6;--page:#fff;--card:#f5f7fa;--c0:#1f6feb;--c1:#c2410c;--c2:#0f766e;--c3:#7c3aed;--c4:#57606a;color-scheme:light dark}
        @media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#323c49;--page:#12171e;--card:#1a212a;--c0:#6ea8ff;--c1:#ff9b6a;--c2:#4fd1c1;--c3:#bfa0ff;--c4:#aab4c0}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
        h1{font-size:1.9rem;line-height:1.2;margin:0 0 1rem}
        h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--line)}
        h3{font-size:1rem;margin:0 0 .5rem}
        p,ul{max-width:46rem}li{overflow-wrap:anywhere}
        .note,figcaption{color:var(--soft);font-size:.85rem}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
        th,td{padding:.4rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        th:first-child{text-align:left}
        thead th{color:var(--soft);font-weight:600;border-bottom:2px solid var(--line)}
        tbody th{font-weight:500}
        figure{margin:1rem 0;overflow-x:auto}
        .chart{width:100%;min-width:25rem;max-width:38rem;height:auto;display:block}
        .chart text{font-size:11px;fill:var(--soft)} .chart text.name,.chart text.value{font-size:12px;fill:var(--ink)}
        .grid{stroke:var(--line);stroke-width:1}
        .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
        .s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}
        .whisker{stroke:var(--c0);stroke-width:3;opacity:.45}.mean{fill:var(--c0)}
        .bar{fill:var(--c0)}.win{fill:var(--c0)}.tie{fill:none;stroke:var(--c4);stroke-width:1}.lose{fill:url(#hatch);stroke:var(--c1);stroke-width:1}.hatch{stroke:var(--c1);stroke-width:3}
        .chart text.on-win{fill:var(--page);font-weight:600}.chart text.on-tie,.chart text.on-lose{fill:var(--ink);font-weight:600;paint-order:stroke;stroke:var(--page);stroke-width:3px}
        .legend{margin:.25rem 0 0;font-size:.85rem}.legend span{margin-right:1.2rem;white-space:nowrap}.legend svg{width:34px;height:8px;margin-right:.4rem;vertical-align:middle}
        .clips{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem;margin:1rem 0;break-inside:avoid}
        .row{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:1rem}
        .row figure{margin:0}.row img{width:100%;image-rendering:pixelated;border-radius:4px;display:block;background:#000}
        .row figcaption{margin-top:.4rem;line-height:1.4}.row b{color:var(--ink)} .score{float:right;color:var(--ink)}
        .row.words{grid-template-columns:repeat(auto-fit,minmax(15rem,1fr))}.row.words img{max-width:12rem}.row.words figcaption{font-size:.92rem;color:var(--ink);overflow-wrap:anywhere}
        @media print{main{max-width:none;padding:0}.clips{background:none}}
        """;
}
