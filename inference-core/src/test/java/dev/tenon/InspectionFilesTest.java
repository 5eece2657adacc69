package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.TenonException;
import dev.tenon.exec.WorkerPool;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.json.JsonText;
import dev.tenon.formats.onnx.OnnxWriter;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page and the trace of an inspection, and the memory that they show. */
class InspectionFilesTest {
    /** A softmax that is used twice, so that its memory lives while others come and go. */
    private static final Model MODEL = Model.of(SmallModels.graph("""
        graph twice (%x: f32[n,64]) {
          %a = Softmax<axis=-1>(%x)
          %b = Softmax<axis=0>(%a)
          %c = Transpose<perm=[1,0]>(%b)
          %d = Softmax<axis=-1>(%c)
          %e = MatMul(%d, %a)
          return %e, %b
        }
        """));

    private static final Model LOOP = Model.of(SmallModels.graph("""
        graph branches (%c: bool[], %x: f32[n]) {
          %y = If<captured=1, else_branch=graph no (%a: f32[n]) { %r = Neg(%a) return %r },
                  then_branch=graph yes (%b: f32[n]) { %q = Softmax<axis=-1>(%b) return %q }>(%c, %x)
          return %y
        }
        """));

    @TempDir
    private Path folder;

    private static Map<String, Tensor> rows(int n) {
        return Map.of("x", Tensor.wrap(new float[64 * n], n, 64));
    }

    private static Object json(String text) {
        return JsonText.parse(text, 20, (found, allowed) -> new IllegalArgumentException(found));
    }

    @Test
    void buffersHaveTheirValuesAndLifetimes() {
        Session session = MODEL.session();
        List<StepInfo> steps = session.inspect().steps(rows(3));
        List<BufferInfo> buffers = session.inspect().buffers(rows(3));
        Map<String, BufferInfo> byValue = new HashMap<>();
        buffers.forEach(buffer -> buffer.values().forEach(value -> byValue.put(value, buffer)));
        assertThat(byValue.get("x").firstStep()).isEqualTo(-1);
        assertThat(byValue.get("e").lastStep()).isEqualTo(steps.size());
        assertThat(byValue.get("b").lastStep()).isEqualTo(steps.size());
        assertThat(byValue.get("a").bytes()).isEqualTo(3 * 64 * Float.BYTES);
        for (int i = 0; i < steps.size(); i++) {
            for (var value : steps.get(i).node().outputs()) {
                BufferInfo buffer = byValue.get(value.name());
                assertThat(buffer.firstStep()).as(value.name()).isLessThanOrEqualTo(i);
                assertThat(buffer.lastStep()).as(value.name()).isGreaterThanOrEqualTo(i);
            }
        }
        for (int i = 0; i < buffers.size(); i++) {
            BufferInfo one = buffers.get(i);
            for (BufferInfo other : buffers.subList(0, i)) {
                boolean meet = one.firstStep() <= other.lastStep() && other.firstStep() <= one.lastStep();
                boolean overlap =
                        one.offset() < other.offset() + other.bytes() && other.offset() < one.offset() + one.bytes();
                assertThat(!meet || !overlap).as("%s and %s", one, other).isTrue();
            }
        }
        assertThatThrownBy(() -> session.inspect().buffers(Map.of())).isInstanceOf(InvalidInputException.class);
    }

    /** What the Trace Event Format demands of each event, and that complete events of a thread are nested. */
    private static Map<String, Integer> checkedTrace(String text) {
        Map<String, Integer> counts = new HashMap<>();
        Set<Object> named = new HashSet<>();
        Set<Object> used = new HashSet<>();
        Map<Object, List<double[]>> times = new HashMap<>();
        for (Object item : (List<?>) ((Map<?, ?>) json(text)).get("traceEvents")) {
            Map<?, ?> event = (Map<?, ?>) item;
            assertThat(event.get("name")).isInstanceOf(String.class);
            assertThat(event.get("pid")).isEqualTo(1L);
            assertThat(event.get("tid")).isInstanceOf(Long.class);
            switch ((String) event.get("ph")) {
                case "M" -> {
                    assertThat(((Map<?, ?>) event.get("args")).get("name")).isInstanceOf(String.class);
                    named.add(event.get("tid"));
                }
                case "C" -> {
                    assertThat((Double) event.get("ts")).isNotNegative();
                    assertThat((Long) ((Map<?, ?>) event.get("args")).get("bytes"))
                            .isNotNegative();
                }
                case "X" -> {
                    double start = (Double) event.get("ts");
                    double length = (Double) event.get("dur");
                    assertThat(start).isNotNegative();
                    assertThat(length).isNotNegative();
                    assertThat(event.get("cat")).isIn("call", "step", "part");
                    used.add(event.get("tid"));
                    times.computeIfAbsent(event.get("tid"), t -> new ArrayList<>())
                            .add(new double[] {start, start + length});
                }
                default -> throw new AssertionError("an event of phase " + event.get("ph"));
            }
            counts.merge(event.get("ph") + " " + event.get("cat"), 1, Integer::sum);
        }
        assertThat(named).as("threads with a name").containsAll(used);
        times.values().forEach(InspectionFilesTest::checkNested);
        return counts;
    }

    private static void checkNested(List<double[]> spans) {
        spans.sort(Comparator.comparingDouble((double[] s) -> s[0]).thenComparingDouble(s -> -s[1]));
        Deque<double[]> open = new ArrayDeque<>();
        for (double[] span : spans) {
            while (!open.isEmpty() && open.peek()[1] <= span[0]) {
                open.pop();
            }
            // Microseconds as doubles are rounded.
            assertThat(open.isEmpty() || span[1] <= open.peek()[1] + 1e-3)
                    .as("%s to %s is within its outer event or after it", span[0], span[1])
                    .isTrue();
            open.push(span);
        }
    }

    @Test
    void aTraceHasTheDocumentedFields() throws IOException {
        Profile profile = MODEL.session().inspect().profile(rows(3), 4);
        Path file = folder.resolve("trace.json");
        profile.writeTrace(file);
        Map<String, Integer> counts = checkedTrace(Files.readString(file));
        int steps = profile.graphs().getFirst().steps().size();
        assertThat(counts).containsEntry("X call", 4).containsEntry("X step", 4 * steps);
        assertThat(counts).containsEntry("C null", 4 * (steps + 1));
        assertThat(profile.areAllSpans()).isTrue();
        assertThat(Files.readString(file)).contains("\"name\":\"Softmax\",\"ph\":\"X\"", "\"kernel\":\"softmax");
    }

    @Test
    void aTraceHasTheStepsOfBodies() throws IOException {
        Map<String, Tensor> inputs = Map.of("c", Tensor.scalar(true), "x", Tensor.of(new float[] {1, 2, 3}));
        Path file = folder.resolve("trace.json");
        LOOP.session().inspect().profile(inputs, 2).writeTrace(file);
        assertThat(checkedTrace(Files.readString(file))).containsEntry("X step", 2 * 2);
        assertThat(Files.readString(file)).contains("\"name\":\"If\"", "\"graph\":\"yes\"");
    }

    @Test
    void partsOfSeveralThreadsAreLinesOfTheirOwn() {
        Profile measured = MODEL.session().inspect().profile(rows(3), 1);
        List<Profile.Span> spans = List.of(
                new Profile.Span(0, 0, "main", true, 100, 400),
                new Profile.Span(0, 0, "tenon-worker-1", true, 200, 500),
                new Profile.Span(0, 0, "main", false, 50, 800),
                new Profile.Span(-1, -1, "main", false, 0, 900));
        Profile profile = new Profile(1, 900, 900, measured.graphs(), spans, true);
        String json = new ProfileTrace(profile).json();
        assertThat(checkedTrace(json)).containsEntry("X part", 2).containsEntry("X call", 1);
        assertThat(json)
                .contains("\"tid\":2,\"args\":{\"name\":\"tenon-worker-1\"}")
                .contains("\"ts\":0.2,\"dur\":0.5");
    }

    /** A product that is large enough for two threads on every machine that has more than one processor. */
    @Test
    void threadsThatShareAStepAreRecorded() {
        Model product = Model.of(SmallModels.graph("""
                graph product (%x: f32[n,512], %y: f32[512,512]) { %p = MatMul(%x, %y) return %p }
                """));
        Map<String, Tensor> inputs = Map.of(
                "x", Tensor.wrap(new float[512 * 512], 512, 512), "y", Tensor.wrap(new float[512 * 512], 512, 512));
        Profile profile =
                product.session(SessionOptions.standard().threads(2)).inspect().profile(inputs, 3);
        String caller = Thread.currentThread().getName();
        assertThat(profile.spans())
                .filteredOn(span -> !span.isPart())
                .allMatch(span -> span.thread().equals(caller));
        assertThat(profile.spans())
                .filteredOn(Profile.Span::isPart)
                .hasSizeGreaterThan(WorkerPool.shared().size() == 0 ? -1 : 3)
                .allMatch(span -> span.thread().equals(caller) || span.thread().startsWith("tenon-worker-"));
        checkedTrace(new ProfileTrace(profile).json());
    }

    /** The memory that lives in a step is the union of the ranges of its buffers. */
    @Test
    void theMemoryOfATraceIsThatOfItsBuffers() {
        Profile measured = MODEL.session().inspect().profile(rows(3), 1);
        Profile.GraphTimes graph = measured.graphs().getFirst();
        int steps = graph.steps().size();
        SplittableRandom random = new SplittableRandom(7);
        List<BufferInfo> buffers = new ArrayList<>();
        List<BitSet> bytes = new ArrayList<>();
        List<Profile.Span> spans = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            bytes.add(new BitSet());
            spans.add(new Profile.Span(0, i, "main", false, i, 1));
        }
        for (int i = 0; i < 40; i++) {
            int first = random.nextInt(-1, steps);
            int last = random.nextInt(first, steps + 1);
            int offset = random.nextInt(200);
            int length = random.nextInt(1, 50);
            buffers.add(new BufferInfo(length, offset, first, last, List.of()));
            for (int step = Math.max(0, first); step <= Math.min(last, steps - 1); step++) {
                bytes.get(step).set(offset, offset + length);
            }
        }
        Profile.GraphTimes made = new Profile.GraphTimes(graph.graph(), graph.owner(), 1, graph.steps(), buffers);
        String json = new ProfileTrace(new Profile(1, 1, 1, List.of(made), spans, true)).json();
        List<Long> live = new ArrayList<>();
        for (Object event : (List<?>) ((Map<?, ?>) json(json)).get("traceEvents")) {
            if (((Map<?, ?>) event).get("ph").equals("C")) {
                live.add((Long) ((Map<?, ?>) ((Map<?, ?>) event).get("args")).get("bytes"));
            }
        }
        assertThat(live)
                .isEqualTo(bytes.stream().map(set -> (long) set.cardinality()).toList());
    }

    @Test
    void aProfileEndsInTimeAndCanBeCancelled() {
        Inspection inspection = MODEL.session().inspect();
        List<Double> shares = new ArrayList<>();
        Profile short1 = inspection.profile(rows(3), 1000, Duration.ZERO, shares::add);
        assertThat(short1.calls()).isEqualTo(1);
        assertThat(shares).hasSize(2).allMatch(share -> share > 0 && share <= 1);
        shares.clear();
        assertThat(inspection
                        .profile(rows(3), 5, Duration.ofDays(1), shares::add)
                        .calls())
                .isEqualTo(5);
        assertThat(shares).hasSize(10).isSorted().last().isEqualTo(1.0);
        assertThatThrownBy(() -> inspection.profile(rows(3), 5, Duration.ofDays(1), share -> {
                    throw new CancellationException("enough");
                }))
                .isInstanceOf(CancellationException.class);
    }

    /** An initializer that is an input too: a call may give it another value. */
    @Test
    void aPageTakesOptionalInputs() throws IOException {
        Model model = Model.load(ByteBuffer.wrap(OnnxFile.graph("line")
                .input("x", "f32[2]")
                .input("slope", "f32[n]")
                .initializer("slope", Tensor.of(new float[] {3}))
                .node("Mul", List.of("x", "slope"), List.of("y"))
                .output("y", "f32[2]")
                .bytes()));
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {1, 2}), "slope", Tensor.of(new float[] {4, 5}));
        Path page = folder.resolve("page.html");
        Inspection inspection = model.session().inspect();
        inspection.writeHtml(page, inputs);
        assertThat(Files.readString(page)).contains("\"v\":\"slope\"", "f32[2]");
        inspection.writeHtml(page, inputs, inspection.profile(inputs, 2));
        assertThat(Files.readString(page)).contains("\"profiled\":true");
        inspection.writeHtml(page, Map.of("x", inputs.get("x")));
        assertThat(Files.readString(page)).contains("\"steps\"");
    }

    @Test
    void aPageShowsTheModelItsMemoryAndWholeAttributes() throws IOException {
        Path saved = folder.resolve("m.onnx");
        ModelMetadata metadata = new ModelMetadata("a tool", "2.1", "", 0, "", Map.of("", 21L), Map.of("task", "none"));
        new OnnxWriter().write(new ModelFile(MODEL.graph(), metadata), saved, WriteOptions.standard());
        Session session = Model.load(saved).session();
        Path page = folder.resolve("page.html");
        session.inspect().writeHtml(page, rows(3));
        String html = Files.readString(page);
        assertThat(html)
                .contains(
                        "\"operator set ai.onnx\"",
                        "\"producer\",\"a tool 2.1\"",
                        "\"property task\"",
                        "\"perm = [1, 0]\"",
                        "\"buffers\":[{");
        assertThat(html).doesNotContain("@DATA@", "src=", "href=", "\"nanos\":");
        session.inspect().writeHtml(page, rows(3), session.inspect().profile(rows(3), 2));
        assertThat(Files.readString(page)).contains("\"nanos\":", "median call", "\"profiled\":true");
        session.inspect().writeHtml(page);
        assertThat(Files.readString(page)).contains("without inputs", "\"buffers\":[]", "f32[n,64]");
        String tier = Tenon.describe()
                .lines()
                .filter(line -> line.matches("\\w+ +on .*"))
                .findFirst()
                .orElseThrow();
        assertThat(Files.readString(page)).contains(" · " + tier.replaceAll(" +", " "));
        assertThatThrownBy(() -> session.inspect().writeHtml(folder.resolve("none/page.html")))
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> session.inspect().writeHtml(page, Map.of())).isInstanceOf(InvalidInputException.class);
    }
}
