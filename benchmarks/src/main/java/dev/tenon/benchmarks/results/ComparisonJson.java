package dev.tenon.benchmarks.results;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.forks.ForkMemory;
import dev.tenon.formats.json.JsonText;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Comparisons as JSON: a list of objects, one for each case. A value that was not measured is null. */
public final class ComparisonJson {
    private static final double P99 = 0.99;
    private static final double P50 = 0.5;

    private ComparisonJson() {}

    /**
     * Writes comparisons.
     *
     * @param comparisons the comparisons
     * @return a JSON array
     */
    public static String list(List<Comparison> comparisons) {
        return comparisons.stream().map(c -> object(c, comparisons)).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    private static String object(Comparison c, List<Comparison> all) {
        BenchmarkCase b = c.benchmark();
        double speedUp = c.speedUp(Engines.TENON, all);
        String tiers = c.tiers().names().stream().map(JsonText::of).collect(Collectors.joining(", "));
        String others = c.agreements().keySet().stream()
                .filter(peer -> !peer.equals(Engines.ONNXRUNTIME))
                .map(peer -> JsonText.of(peer) + ": {\"ms\": " + times(c.times(peer)) + ", " + against(c, peer) + "}")
                .collect(Collectors.joining(", "));
        return String.join(
                "",
                "  {\"model\": " + JsonText.of(b.model()) + ", \"shapes\": " + JsonText.of(b.shapes()),
                ", \"threads\": " + b.threads() + ", \"tiers\": [" + tiers + "], \"kind\": "
                        + JsonText.of(c.group().kind().id()) + ",\n",
                "   " + terms(c.group().terms()) + ",\n",
                "   \"ours_memory\": " + memory(c.memory(Engines.TENON)) + ", \"peer_memory\": "
                        + memory(c.memory(Engines.ONNXRUNTIME)) + ", \"memory_ratio\": " + number(c.memoryRatio())
                        + ",\n",
                "   \"ours_ms\": " + times(c.ours()) + ", \"peer_ms\": " + times(c.times(Engines.ONNXRUNTIME)) + ",\n",
                "   " + against(c, Engines.ONNXRUNTIME) + ", \"ratio_to_best\": " + number(c.ratioToBest())
                        + ", \"gflops\": " + number(c.gflops()) + ",\n",
                "   \"peak_gflops\": " + number(c.ceiling().gflops()),
                ", \"share_of_peak\": " + number(c.shareOfPeak()) + ",\n",
                "   \"instruction\": " + JsonText.of(c.own().title()) + ", \"instruction_gops\": "
                        + number(c.own().gigaops()),
                ", \"share_of_instruction\": " + number(c.shareOfInstruction()) + ",\n",
                "   \"gbytes_s\": " + number(c.gigabytes()) + ", \"copy_gbytes_s\": "
                        + number(c.copies().gigabytes()),
                ", \"share_of_copies\": " + number(c.shareOfCopies()) + ",\n",
                "   \"fma_speed_up\": " + number(c.ceiling().speedUp()) + ", \"speed_up\": " + number(speedUp),
                ", \"share_of_fma_speed_up\": " + number(speedUp / c.ceiling().speedUp()) + ",\n",
                "   \"other_peers\": {" + others + "}}");
    }

    private static String against(Comparison c, String peer) {
        Map<String, Agreement> agreements = c.agreements();
        Agreement agreement = agreements.get(peer);
        return "\"ratio\": " + number(c.ratio(peer, 0)) + ", \"ratio_p50\": " + number(c.ratio(peer, P50))
                + ", \"agree\": " + (agreement == null ? "null" : agreement.holds(c.benchmark()))
                + ", \"max_abs_diff\": " + (agreement == null ? "null" : number(agreement.maxDifference()));
    }

    private static String terms(Terms terms) {
        return "\"precision\": " + JsonText.of(terms.precision().name()) + ", \"numerics\": "
                + JsonText.of(terms.numerics().name()) + ", \"call\": "
                + JsonText.of(terms.call().id())
                + ", \"huge_pages\": " + terms.hugePages();
    }

    private static String memory(ForkMemory memory) {
        return Double.isNaN(memory.resident())
                ? "null"
                : "{\"resident_mb\": " + number(memory.resident()) + ", \"peak_mb\": " + number(memory.peak())
                        + ", \"huge_mb\": " + number(memory.huge()) + "}";
    }

    private static String times(Samples samples) {
        return samples.isEmpty()
                ? "null"
                : "{\"min\": " + number(samples.min()) + ", \"p50\": " + number(samples.quantile(P50)) + ", \"p99\": "
                        + number(samples.quantile(P99)) + "}";
    }

    private static String number(double x) {
        return Double.isFinite(x) ? String.format(Locale.ROOT, "%.6g", x) : "null";
    }
}
