package dev.tenon.benchmarks.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.cases.GemmCase;
import dev.tenon.benchmarks.cases.Kind;
import dev.tenon.benchmarks.cases.MeasuredCase;
import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.ceiling.CopyCeiling;
import dev.tenon.benchmarks.ceiling.CopyPeak;
import dev.tenon.benchmarks.ceiling.FmaCeiling;
import dev.tenon.benchmarks.ceiling.FmaPeak;
import dev.tenon.benchmarks.ceiling.FmaPeakBenchmark;
import dev.tenon.benchmarks.ceiling.InstructionCeiling;
import dev.tenon.benchmarks.ceiling.InstructionPeak;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.forks.ForkMemory;
import dev.tenon.benchmarks.forks.ForkTiers;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tables, JSON and pictures of given times. The vector tag provides the module that {@link FmaPeak} needs. */
@Tag("vector")
class ComparisonTest {
    private static final GemmCase PRODUCT = GemmCase.of("100x100x500");
    private static final double TINY = 1e-9;
    private static final Agreement EQUAL = new Agreement(1, 0.25);

    private static Samples samples(double... millis) {
        Samples samples = new Samples();
        for (double x : millis) {
            samples.add(x, 1);
        }
        return samples;
    }

    private static final ForkTiers TIERS = new ForkTiers(List.of("vector512", "scalar"), "vector on");

    private static final InstructionCeiling NO_INSTRUCTION = InstructionCeiling.of(null);

    private static final CopyCeiling NO_COPIES = CopyCeiling.of(Double.NaN);

    private static Map<String, Samples> times(Samples ours, Samples peer) {
        return Map.of(Engines.TENON, ours, Engines.ONNXRUNTIME, peer);
    }

    /** Times of the FMA loop with 100 GFLOP/s on each thread at best. */
    private static FmaCeiling ceiling(int threads, double share) {
        double millis = FmaPeakBenchmark.FLOPS / 1e6 / 100;
        FmaCeiling ceiling = FmaCeiling.of(threads);
        ceiling.core().add(samples(millis, 2 * millis));
        if (threads > 1) {
            ceiling.cores().add(samples(millis / share));
        }
        return ceiling;
    }

    private static Comparison comparison(Samples ours, Samples peer) {
        return comparison(ours, peer, EQUAL);
    }

    private static Comparison comparison(Samples ours, Samples peer, Agreement agreement) {
        return new Comparison(
                PRODUCT,
                Map.of(),
                times(ours, peer),
                Map.of(Engines.ONNXRUNTIME, agreement),
                ceiling(1, 1),
                NO_INSTRUCTION,
                NO_COPIES,
                TIERS,
                Map.of());
    }

    /** A call on some threads. Two threads of the FMA loop are 1.8 times as fast as one. */
    private static Comparison threaded(String shape, int threads, double ours, double peer) {
        return threaded("m", shape, threads, ours, peer);
    }

    private static Comparison threaded(String model, String shape, int threads, double ours, double peer) {
        BenchmarkCase c = new MeasuredCase(model, shape, "x=" + shape + ",y=", threads, 1e8, 1, PRODUCT);
        return new Comparison(
                c,
                Map.of("shapes", shape, "threads", Integer.toString(threads)),
                times(samples(ours), samples(peer)),
                Map.of(Engines.ONNXRUNTIME, EQUAL),
                ceiling(threads, 0.9),
                NO_INSTRUCTION,
                NO_COPIES,
                TIERS,
                Map.of());
    }

    @Test
    void quantilesCountEveryCall() {
        Samples samples = samples(3, 1, 2);
        samples.add(samples(9));
        samples.add(1.5, 6);
        assertThat(samples.min()).isEqualTo(1);
        assertThat(samples.quantile(0.5)).isEqualTo(1.5);
        assertThat(samples.quantile(0.8)).isEqualTo(2);
        assertThat(samples.quantile(1)).isEqualTo(9);
    }

    @Test
    void nothingMeasuredIsNotANumber() {
        assertThat(new Samples().isEmpty()).isTrue();
        assertThat(new Samples().min()).isNaN();
        assertThat(comparison(new Samples(), samples(1)).ratio()).isNaN();
    }

    @Test
    void ratiosAndSpeedAreThoseOfTheFastestCalls() {
        Comparison c = comparison(samples(0.2, 0.4, 0.8), samples(0.4, 0.5, 3));
        assertThat(c.ratio()).isEqualTo(0.5);
        assertThat(c.ratio(Engines.ONNXRUNTIME, 0.5)).isEqualTo(0.8);
        assertThat(Math.rint(c.gflops())).isEqualTo(50);
        assertThat(Math.rint(100 * c.shareOfPeak())).isEqualTo(50);
    }

    /** A case that moves four million bytes and that no peer runs. */
    private record Moves() implements BenchmarkCase {
        @Override
        public String model() {
            return "copy_scalar";
        }

        @Override
        public String sizes() {
            return "concat_of_many_operands";
        }

        @Override
        public String shapes() {
            return "1000x1000";
        }

        @Override
        public int threads() {
            return 1;
        }

        @Override
        public double flops() {
            return 0;
        }

        @Override
        public double bytes() {
            return 4e6;
        }

        @Override
        public double leastCosine() {
            return 1;
        }

        @Override
        public List<String> engines() {
            return List.of(Engines.TENON);
        }

        @Override
        public PreparedRun prepare(String engine) {
            throw Engines.unknown(engine, engines());
        }
    }

    @Test
    void bytesAreHeldAgainstCopiesOfAsMany() {
        BenchmarkCase moves = new Moves();
        CopyCeiling copies = CopyCeiling.of(moves.bytes());
        assertThat(copies.bytes()).isEqualTo(4_000_000);
        assertThat(copies.gigabytes()).isNaN();
        double millis = CopyPeak.callBytes(4_000_000) / 1e6 / 20;
        copies.core().add(samples(millis, 2 * millis));
        Comparison c = new Comparison(
                moves,
                Map.of(),
                Map.of(Engines.TENON, samples(0.4)),
                Map.of(),
                ceiling(1, 1),
                NO_INSTRUCTION,
                copies,
                TIERS,
                Map.of());
        assertThat(c.agrees()).isTrue();
        assertThat(c.gigabytes()).isCloseTo(10, within(TINY));
        assertThat(copies.gigabytes()).isCloseTo(20, within(TINY));
        assertThat(c.shareOfCopies()).isCloseTo(0.5, within(TINY));
        String table = ComparisonText.table(List.of(c, comparison(samples(1), samples(1))));
        assertThat(table)
                .contains("20.0 to 20.0 GB/s.")
                .contains("model           shape                   threads |")
                .contains("copy_scalar     concat_of_many_operands       1 |")
                .contains(
                        "|         -         -         -       -      - |      0.0   0.0 % |    10.0  50.0 % |         -")
                .contains("|       -       - | 1.0000000")
                .doesNotContain("do not agree");
        assertThat(ComparisonJson.list(List.of(c)))
                .contains("\"gbytes_s\": 10.0000, \"copy_gbytes_s\": 20.0000, \"share_of_copies\": 0.500000")
                .contains("\"ratio\": null, \"ratio_p50\": null, \"agree\": null, \"max_abs_diff\": null");
    }

    @Test
    void columnsOfBytesAreThereWhereBytesAreKnown() {
        Comparison c = comparison(samples(1), samples(1));
        assertThat(c.copies().known()).isFalse();
        assertThat(c.gigabytes()).isNaN();
        assertThat(c.shareOfCopies()).isNaN();
        assertThat(ComparisonText.table(List.of(c))).doesNotContain("GB/s").doesNotContain("of copy");
        assertThat(ComparisonJson.list(List.of(c)))
                .contains("\"gbytes_s\": null, \"copy_gbytes_s\": null, \"share_of_copies\": null");
        assertThat(CopyCeiling.of(3).bytes())
                .as("at least those of two vectors")
                .isEqualTo(128);
    }

    @Test
    void kernelsInMachineCodeAreHeldAgainstTheirInstruction() {
        InstructionCeiling own = InstructionCeiling.of("gemm_u8s8_12x32_avx512vnni");
        assertThat(own.title()).isEqualTo("vpdpbusd zmm");
        double millis = InstructionPeak.operations(own.instruction()) / 1e6 / 400;
        own.core().add(samples(millis, 2 * millis));
        assertThat(own.gigaops()).isCloseTo(400, within(TINY));
        Comparison c = new Comparison(
                PRODUCT,
                Map.of(),
                times(samples(0.05), samples(0.1)),
                Map.of(Engines.ONNXRUNTIME, EQUAL),
                ceiling(1, 1),
                own,
                NO_COPIES,
                TIERS,
                Map.of());
        assertThat(c.shareOfInstruction()).isCloseTo(0.5, within(TINY));
        String table = ComparisonText.table(List.of(c, comparison(samples(1), samples(1))));
        assertThat(table)
                .contains("Peak of vpdpbusd zmm on one core: 400.0 GOP/s at best, 400.0 in the median.")
                .contains("|  of its", "peak instruction")
                .contains("|    200.0 200.0 % |  50.0 % vpdpbusd zmm  |")
                .contains("|     10.0  10.0 % |       -               |");
        assertThat(ComparisonText.table(List.of(comparison(samples(1), samples(1)))))
                .doesNotContain("instruction");
        assertThat(ComparisonJson.list(List.of(c, comparison(samples(1), samples(1)))))
                .contains("\"instruction\": \"vpdpbusd zmm\", \"instruction_gops\": 400.000")
                .contains("\"share_of_instruction\": 0.500000", "\"share_of_instruction\": null");
    }

    @Test
    void otherTermsAreHeldAgainstTheUsualOnes() {
        Comparison precise = terms("FP32", "STANDARD", "PREPARED", "1x128", 10);
        List<Comparison> all = List.of(
                precise,
                terms("INT8_DYNAMIC", "STANDARD", "PREPARED", "1x128", 4),
                terms("BF16", "STANDARD", "PREPARED", "8x128", 4),
                terms("FP32", "STRICT", "PREPARED", "1x128", 20),
                terms("FP32", "STRICT", "MAP", "1x128", 25));
        assertThat(TermsText.lines(all).strip().lines())
                .containsExactly(
                        "m 1x128, 1 thread: 2.50 times as fast as FP32",
                        "m 1x128, 1 thread: 0.50 times as fast as STANDARD",
                        "m 1x128, 1 thread: 0.80 times as fast as prepared");
        assertThat(TermsText.lines(List.of(precise))).isEmpty();
        assertThat(TermsText.lines(List.of(comparison(samples(1), samples(1))))).isEmpty();
    }

    private static Comparison terms(String precision, String numerics, String call, String shape, double ours) {
        return new Comparison(
                new MeasuredCase("m", shape, "x=" + shape, 1, 1e8, 1, PRODUCT),
                Map.of("shapes", shape, "threads", "1", "precision", precision, "numerics", numerics, "call", call),
                times(samples(ours), samples(1)),
                Map.of(Engines.ONNXRUNTIME, EQUAL),
                ceiling(1, 1),
                NO_INSTRUCTION,
                NO_COPIES,
                TIERS,
                Map.of());
    }

    @Test
    void tableHasALineForEachCase() {
        String table = ComparisonText.table(
                List.of(comparison(samples(0.2, 0.4), samples(0.4, 0.8)), comparison(samples(0.2), new Samples())));
        assertThat(table)
                .contains("100.0 GFLOP/s at best")
                .contains("0.2000    0.2000    0.4000")
                .contains(" 0.500  0.500 |     50.0  50.0 %")
                .contains("|         -         -         -       -      - |")
                .contains("geometric mean of the ratios to onnxruntime, 1 thread: 0.500 (1 of 2 cases)")
                .doesNotContain("networks")
                .doesNotContain("MB")
                .doesNotContain("than on one thread")
                .doesNotContain("do not agree");
        assertThat(table.lines().filter(l -> l.startsWith("gemm_f32"))).hasSize(2);
    }

    @Test
    void tableSaysWhereOutputsDisagree() {
        Comparison c = comparison(samples(1), samples(1), new Agreement(Double.NaN, 1));
        assertThat(ComparisonText.table(List.of(c)))
                .contains("gemm_f32 100x100x500: the outputs do not agree with those of onnxruntime");
    }

    @Test
    void everyPeerHasAColumn() {
        Comparison c = new Comparison(
                PRODUCT,
                Map.of(),
                Map.of(Engines.TENON, samples(0.2), Engines.ONNXRUNTIME, samples(0.4), Engines.OPENBLAS, samples(0.1)),
                Map.of(Engines.ONNXRUNTIME, EQUAL, Engines.OPENBLAS, new Agreement(0.5, 3)),
                ceiling(1, 1),
                NO_INSTRUCTION,
                NO_COPIES,
                TIERS,
                Map.of());
        assertThat(ComparisonText.table(List.of(c)))
                .containsSubsequence("tenon ", "onnxruntime ", "ratio of", "openblas ", "ratio of")
                .contains("0.4000   0.500  0.500 |    0.1000    0.1000    0.1000   2.000  2.000 |  2.000 |")
                .contains("do not agree with those of openblas")
                .contains("ratios to onnxruntime, 1 thread: 0.500");
        assertThat(ComparisonJson.list(List.of(c)))
                .contains("\"ratio\": 0.500000, \"ratio_p50\": 0.500000, \"agree\": true")
                .contains("\"ratio_to_best\": 2.00000")
                .contains("\"other_peers\": {\"openblas\": {\"ms\": {\"min\": 0.100000,")
                .contains("\"ratio\": 2.00000, \"ratio_p50\": 2.00000, \"agree\": false, \"max_abs_diff\": 3.00000}}");
        assertThat(c.agrees()).isFalse();
    }

    @Test
    void jsonHoldsTheFigures() {
        String json = ComparisonJson.list(List.of(comparison(samples(0.2), new Samples())));
        assertThat(json)
                .startsWith("[")
                .contains("\"model\": \"gemm_f32\", \"shapes\": \"100x100x500\", \"threads\": 1")
                .contains("\"tiers\": [\"vector512\", \"scalar\"], \"kind\": \"other\"")
                .contains("\"precision\": \"FP32\", \"numerics\": \"STANDARD\", \"call\": \"prepared\","
                        + " \"huge_pages\": false")
                .contains("\"ours_memory\": null, \"peer_memory\": null, \"memory_ratio\": null")
                .contains("\"ours_ms\": {\"min\": 0.200000, \"p50\": 0.200000, \"p99\": 0.200000}")
                .contains("\"peer_ms\": null")
                .contains("\"ratio\": null, \"ratio_p50\": null, \"agree\": true, \"max_abs_diff\": 0.250000")
                .contains("\"peak_gflops\": 100.000, \"share_of_peak\": 0.500000")
                .contains("\"speed_up\": null, \"share_of_fma_speed_up\": null")
                .contains("\"other_peers\": {}");
    }

    @Test
    void severalThreadsAreHeldAgainstWhatTheLoopGains() {
        List<Comparison> all = List.of(
                threaded("1x2", 1, 3, 2), threaded("1x2", 2, 2, 1), threaded("3x4", 2, 1, 1), threaded("5x6", 1, 1, 1));
        Comparison two = all.get(1);
        assertThat(two.ceiling().speedUp()).isCloseTo(1.8, within(TINY));
        assertThat(two.ceiling().gflops()).isCloseTo(180, within(TINY));
        assertThat(two.shareOfPeak()).isCloseTo(1e8 / 1e6 / 2 / 180, within(TINY));
        assertThat(two.speedUp(Engines.TENON, all)).isEqualTo(1.5);
        assertThat(all.get(2).speedUp(Engines.TENON, all)).isNaN();
        assertThat(all.getFirst().speedUp(Engines.TENON, all)).isNaN();
        String table = ComparisonText.table(all);
        assertThat(table)
                .contains("FMA peak of 2 threads, measured between the forks: 180.0 GFLOP/s")
                .contains("1 thread: 1.225 (2 of 2 cases)")
                .contains("2 threads: 1.414 (2 of 2 cases)")
                .containsPattern("1x2 +2 \\|     1\\.80 \\|     1\\.50   83 % \\|     2\\.00  111 %")
                .containsPattern("3x4 +2 \\|     1\\.80 \\|        -      - \\|        -      -");
        assertThat(ComparisonJson.list(all))
                .contains("\"shapes\": \"x=1x2,y=\"")
                .contains("\"fma_speed_up\": 1.80000, \"speed_up\": 1.50000, \"share_of_fma_speed_up\": 0.833333");
        assertThat(ComparisonSvg.draw(all))
                .containsSubsequence(
                        ">1 thread<",
                        ">m 1x2<",
                        ">m 5x6<",
                        ">geometric mean 1.22<",
                        ">2 threads<",
                        ">m 1x2<",
                        ">m 3x4<",
                        ">geometric mean 1.41<");
    }

    /** A case of the list on one thread or on two, where ONNX Runtime takes 1 ms. */
    private static Comparison listed(String model, int threads, double ours, Map<String, String> parameters) {
        Map<String, String> all = new HashMap<>(parameters);
        all.put("model", model);
        all.put("threads", Integer.toString(threads));
        return new Comparison(
                new MeasuredCase(model, "1x8", "1x8", threads, 1e8, 1, PRODUCT),
                all,
                times(samples(ours), samples(1)),
                Map.of(Engines.ONNXRUNTIME, EQUAL),
                ceiling(threads, 0.9),
                NO_INSTRUCTION,
                NO_COPIES,
                TIERS,
                Map.of());
    }

    private static final Map<String, String> REAL = Map.of("kind", "REAL");
    private static final Map<String, String> SMALL = Map.of("kind", "SMALL");

    @Test
    void everyKindHasAMeanForEachNumberOfThreads() {
        List<Comparison> all = List.of(
                listed("digits", 1, 0.01, SMALL),
                listed("digits", 2, 0.04, SMALL),
                listed("bert", 1, 2, REAL),
                listed("bert", 2, 3, REAL),
                listed("resnet", 1, 8, REAL));
        assertThat(ComparisonText.table(all))
                .containsSubsequence("bert ", "bert ", "resnet ", "digits ", "digits ", "geometric mean")
                .containsSubsequence(
                        "ratios to onnxruntime, real networks, 1 thread: 4.000 (2 of 2 cases)",
                        "ratios to onnxruntime, real networks, 2 threads: 3.000 (1 of 1 cases)",
                        "ratios to onnxruntime, small networks, 1 thread: 0.010 (1 of 1 cases)",
                        "ratios to onnxruntime, small networks, 2 threads: 0.040 (1 of 1 cases)");
        assertThat(ComparisonSvg.draw(all))
                .containsSubsequence(
                        ">1 thread<",
                        ">bert 1x8<",
                        ">resnet 1x8<",
                        ">real networks: geometric mean 4.00<",
                        ">digits 1x8<",
                        ">small networks: geometric mean 0.01<",
                        ">2 threads<",
                        ">real networks: geometric mean 3.00<",
                        ">small networks: geometric mean 0.04<");
        assertThat(ComparisonJson.list(all))
                .containsSubsequence("\"kind\": \"small\"", "\"kind\": \"small\"", "\"kind\": \"real\"");
    }

    /** Cases on other terms are in no mean of those on the usual ones. */
    @Test
    void everyChoiceOfTermsHasAMean() {
        List<Comparison> all = List.of(
                listed("bert", 1, 2, REAL),
                listed("bert STRICT", 1, 3, Map.of("kind", "REAL", "numerics", "STRICT")),
                listed("bert map", 1, 5, Map.of("kind", "REAL", "call", "MAP", "hugePages", "true")));
        assertThat(ComparisonText.table(all))
                .contains(
                        "real networks, 1 thread: 2.000 (1 of 1 cases)",
                        "real networks, STRICT, 1 thread: 3.000 (1 of 1 cases)",
                        "real networks, map, large pages for all, 1 thread: 5.000 (1 of 1 cases)");
        assertThat(ComparisonJson.list(all))
                .contains("\"numerics\": \"STRICT\", \"call\": \"prepared\", \"huge_pages\": false")
                .contains("\"numerics\": \"STANDARD\", \"call\": \"map\", \"huge_pages\": true");
        assertThat(ComparisonSvg.draw(all))
                .contains(
                        "real networks, STRICT: geometric mean 3.00", "map, large pages for all: geometric mean 5.00");
    }

    private static Comparison remembering(Map<String, String> parameters, ForkMemory ours, ForkMemory... peers) {
        return new Comparison(
                PRODUCT,
                parameters,
                times(samples(1), samples(1)),
                Map.of(Engines.ONNXRUNTIME, EQUAL),
                ceiling(1, 1),
                NO_INSTRUCTION,
                NO_COPIES,
                TIERS,
                Map.of(Engines.TENON, List.of(ours), Engines.ONNXRUNTIME, List.of(peers)));
    }

    @Test
    void memoryIsTheMedianOfTheForks() {
        Comparison c = remembering(
                Map.of(),
                new ForkMemory(300, 400, 64),
                new ForkMemory(200, 500, 0),
                new ForkMemory(900, 250, 2),
                new ForkMemory(100, 260, 1));
        assertThat(c.memoryRatio()).isEqualTo(1.5);
        assertThat(ComparisonText.table(List.of(c, comparison(samples(1), samples(1)))))
                .contains("MB are the resident memory")
                .contains("at most 64 MB of a fork of tenon, at most 1 MB of a fork of onnxruntime")
                .contains("compare --huge-pages asks for them")
                .contains("|     ours     peer       |", "|       MB       MB ratio |")
                .contains("|      300      200  1.50 |", "|        -        -     - |");
        assertThat(ComparisonJson.list(List.of(c)))
                .contains("\"ours_memory\": {\"resident_mb\": 300.000, \"peak_mb\": 400.000, \"huge_mb\": 64.0000}")
                .contains("\"peer_memory\": {\"resident_mb\": 200.000, \"peak_mb\": 260.000, \"huge_mb\": 1.00000}")
                .contains("\"memory_ratio\": 1.50000");
    }

    @Test
    void theTableSaysWhetherPeersWereGivenLargePages() {
        Map<String, String> large = Map.of("hugePages", "true");
        assertThat(ComparisonText.table(List.of(remembering(large, new ForkMemory(3, 3, 2), ForkMemory.UNKNOWN))))
                .contains("so does glibc in the forks of peers (GLIBC_TUNABLES=glibc.malloc.hugetlb=1)")
                .contains("|        3        -     - |");
        assertThat(ComparisonText.table(List.of(remembering(large, ForkMemory.UNKNOWN, ForkMemory.UNKNOWN))))
                .doesNotContain("MB", "Large pages");
    }

    @Test
    void moreThreadsThanProcessorsAreHeldAgainstAsMany() {
        List<Comparison> all = List.of(
                listed("bert", 2, 4, REAL),
                listed("bert", 8, 5, REAL),
                listed("digits", 8, 1, SMALL),
                listed("digits", 2, 1, SMALL));
        assertThat(OversubscriptionText.lines(all, 2))
                .contains("Times of a call, where the same engine takes 1 with 2 threads")
                .containsPattern("bert 1x8 +2 \\|   1.00   1.00   1.00 \\|   1.00")
                .containsPattern("bert 1x8 +8 \\|   1.25   1.25   1.25 \\|   1.00   1.00   1.00");
        assertThat(OversubscriptionText.lines(all, 3)).isEmpty();
        assertThat(ComparisonText.table(all)).doesNotContain("Speed-up over one thread");
    }

    @Test
    void thePictureHasABarForEachCase() throws Exception {
        Comparison slow = comparison(samples(6), samples(1), new Agreement(Double.NaN, 1));
        String svg = ComparisonSvg.draw(
                List.of(comparison(samples(0.2, 0.4), samples(0.4, 0.8)), slow, comparison(samples(1), new Samples())));
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(svg)
                .contains("gemm_f32 100x100x500", "<rect class=\"faster\" x=\"285\" y=\"110\" width=\"100.0\"")
                .contains("0.50 (0.50)", "6.00 (6.00)", ", outputs differ", "- (-)")
                .contains(
                        "class=\"wrong\"",
                        "width=\"400.0\"",
                        "geometric mean 1.73",
                        "50 GFLOP/s, 50 %",
                        "prefers-color-scheme: dark");
    }

    @Test
    void labelsShortenNamesAlone() {
        String long30 = "ch_ppocr_mobile_v2.0_cls_infer";
        String shapes = "1x3x1024x1024 1x3x2048x2048";
        String svg = ComparisonSvg.draw(List.of(
                threaded("all-minilm-l6-v2", "8x128", 1, 1, 1),
                threaded(long30, "1x3x48x192", 1, 1, 1),
                threaded(long30, shapes, 2, 1, 1)));
        assertThat(svg)
                .contains(
                        ">all-minilm-l6-v2 8x128<",
                        ">ch_ppocr_mobile_v2.0_c… 1x3x48x192<",
                        ">ch_ppocr_mobile… " + shapes + "<");
        // The longest one has 44 characters.
        assertThat(svg).contains("viewBox=\"0 0 1139 ", "<text x=\"351\" ", "<rect class=\"faster\" x=\"361\"");
    }

    @Test
    void theGeometricMeanLeavesOutWhatWasNotMeasured() {
        assertThat(Comparison.geometricMean(
                        List.of(
                                comparison(samples(1), samples(2)),
                                comparison(samples(1), new Samples()),
                                comparison(samples(2), samples(1))),
                        new Comparison.Group(Kind.OTHER, 1, Terms.STANDARD)))
                .isEqualTo(1);
        assertThat(Comparison.geometricMean(List.of(), new Comparison.Group(Kind.OTHER, 1, Terms.STANDARD)))
                .isNaN();
    }

    @Test
    void outputsThatAreAllButZeroAgreeByTheirDifference() {
        assertThat(new Agreement(0.9995, 1e-7).holds(PRODUCT)).isTrue();
        assertThat(new Agreement(0.9995, 1e-6).holds(PRODUCT)).isFalse();
        assertThat(new Agreement(0.99, 1e-7).holds(PRODUCT)).isFalse();
    }

    @Test
    void equalZerosAgree() {
        assertThat(Agreement.of(new float[2], new float[2]).holds(PRODUCT)).isTrue();
        assertThat(Agreement.of(new float[2], new float[] {0, 1}).holds(PRODUCT))
                .isFalse();
    }

    @Test
    void outputsAgreeByDirection() {
        assertThat(Agreement.of(new float[] {1, 2}, new float[] {1, 2}).holds(PRODUCT))
                .isTrue();
        assertThat(Agreement.of(new float[] {1, 2}, new float[] {2, 1}).holds(PRODUCT))
                .isFalse();
        assertThat(Agreement.of(new float[] {1, Float.NaN}, new float[] {1, 2}).holds(PRODUCT))
                .isFalse();
        assertThat(Agreement.of(new float[] {1, 2}, new float[] {1, 2.5f}).maxDifference())
                .isEqualTo(0.5);
    }
}
