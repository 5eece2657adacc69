package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Snap;
import dev.tenon.fixtures.Typed;
import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.plan.Plan;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs and outputs that are one value, in the memory of the caller. */
@Tag("tiers")
class StatesTest {
    private static final String SGD = """
        graph sgd(%w: f32[n,m], %g: f32[n,m]) {
          %rate = const f32[] {0.01}
          %step = Mul(%g, %rate)
          %next = Sub(%w, %step)
          return next=%next
        }
        """;

    /** A step of training of a linear model, with momentum. */
    private static final String MOMENTUM = """
        graph momentum(%x: f32[b,48], %t: f32[b,40], %w: f32[48,40], %v: f32[48,40]) {
          %beta = const f32[] {0.9}
          %rate = const f32[] {0.001}
          %y = MatMul(%x, %w)
          %e = Sub(%y, %t)
          %turned = Transpose<perm=[1, 0]>(%x)
          %g = MatMul(%turned, %e)
          %kept = Mul(%v, %beta)
          %v1 = Add(%kept, %g)
          %step = Mul(%v1, %rate)
          %w1 = Sub(%w, %step)
          %square = Mul(%e, %e)
          %loss = ReduceMean<keepdims=0>(%square)
          return w1=%w1, loss=%loss, v1=%v1
        }
        """;

    private static SessionOptions states(String... names) {
        SessionOptions options = SessionOptions.standard();
        for (int i = 0; i < names.length; i += 2) {
            options = options.state(names[i], names[i + 1]);
        }
        return options;
    }

    private static Tensor nativeRandom(long... dims) {
        return States.inNativeMemory(SmallModels.random(dims));
    }

    private static Plan plan(Session session, Map<String, ? extends Datum> inputs) {
        return session.executor().plans().of(session.checked(inputs));
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "5,33,1", "5,33,2", "300,411,1", "300,411,2", "300,411,5"})
    void manyStepsHaveTheBitsOfTheInterpreter(int n, int m, int threads) {
        Graph graph = SmallModels.graph(SGD);
        for (boolean optimize : new boolean[] {true, false}) {
            Session session =
                    Model.of(graph).session(states("w", "next").threads(threads).optimize(optimize));
            Tensor w = nativeRandom(n, m);
            Tensor g = nativeRandom(n, m);
            Tensor expected = w.copy();
            for (int call = 0; call < 20; call++) {
                g.setDouble(call % g.size(), call);
                expected = (Tensor) Interpreter.run(graph, List.of(expected, g)).getFirst();
                assertThat(session.predict(Map.of("w", w, "g", g)).tensor("next"))
                        .isSameAs(w);
                assertThat(w.contentEquals(expected)).as("call %d", call).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void stepsOfTrainingHaveTheBitsOfASessionWithoutStates(int threads) {
        Model model = SmallModels.model(MOMENTUM);
        Session plain = model.session(SessionOptions.standard().threads(threads));
        Session session = model.session(states("w", "w1", "v", "v1").threads(threads));
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("x", nativeRandom(64, 48));
        inputs.put("t", nativeRandom(64, 40));
        inputs.put("w", nativeRandom(48, 40));
        inputs.put("v", nativeRandom(48, 40));
        Map<String, Tensor> ordinary = new LinkedHashMap<>(inputs);
        PreparedCall call = session.prepare(inputs);
        for (int step = 0; step < 30; step++) {
            Outputs expected = plain.predict(ordinary);
            ordinary.put("w", expected.tensor("w1"));
            ordinary.put("v", expected.tensor("v1"));
            call.run();
            for (String name : List.of("w1", "v1", "loss")) {
                assertThat(call.output(name).contentEquals(expected.tensor(name)))
                        .as("%s, step %d", name, step)
                        .isTrue();
            }
        }
        assertThat(call.output("w1")).isSameAs(call.input("w"));
        assertThat(call.output("loss").getFloat(0)).isPositive();
    }

    @Test
    void statesHaveNoBytesInTheArena() {
        Model model = SmallModels.model(SGD);
        Map<String, Tensor> inputs = Map.of("w", nativeRandom(64, 64), "g", nativeRandom(64, 64));
        Session session = model.session(states("w", "next"));
        Plan plan = plan(session, inputs);
        long bytes = 64 * 64 * Float.BYTES;
        assertThat(plan(model.session(), inputs).arenaBytes()).isGreaterThanOrEqualTo(3 * bytes);
        assertThat(plan.arenaBytes()).as("the gradient").isEqualTo(bytes);
        assertThat(plan.stateBytes()).isEqualTo(bytes);
        assertThat(session.inspect().explain(inputs)).contains("; states 16,384 bytes of the caller");
        assertThat(session.inspect().savings(inputs).fired())
                .extracting(f -> f.rule())
                .contains("state");
    }

    /** Graphs whose outputs are not written straight into the states, and the steps that copy. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the state is read later | %n = Neg(%a)\\n %m = Softmax(%a)\\n %s = Exp(%n)\\n return a1=%n, b1=%b, s=%s, m=%m | 1",
                "can't write over the state | %n = MatMul(%a, %b)\\n return a1=%n, b1=%b | 1",
                "both swap | return a1=%b, b1=%a | 4",
                "one takes the other's | return a1=%b, b1=%b | 2",
                "both stay | return a1=%a, b1=%b | 0",
                "the old one is an output | %n = Neg(%a)\\n return a1=%n, b1=%b, old=%a | 2",
                "a part of the old one is an output |"
                        + " %z = const i64[1] {0}\\n %one = const i64[1] {1}\\n %p = Slice(%a, %z, %one, %z)\\n %n = Neg(%a)\\n"
                        + " return a1=%n, b1=%b, part=%p | 0",
                "the new one is another output too | %n = Neg(%a)\\n return a1=%n, b1=%b, same=%n | 0",
                "one new value for both | %n = Neg(%a)\\n return a1=%n, b1=%n | 1",
                "the new one after a change of shape |"
                        + " %f = const i64[2] {-1, 8}\\n %l = Flatten<axis=0>(%a)\\n %n = Neg(%l)\\n %r = Reshape(%n, %f)\\n"
                        + " return a1=%r, b1=%b | 0",
                "a constant | %c = const f32[8,8] @w8x8\\n %n = Mul(%b, %c)\\n return a1=%c, b1=%n | 1",
            })
    void everyStateGetsItsNewValue(String what, String body, int copies) {
        Graph graph = SmallModels.graph("graph g(%a: f32[8,8], %b: f32[8,8]) {\n" + body.replace("\\n", "\n") + "\n}");
        Map<String, Tensor> old = Map.of(
                "a",
                SmallModels.random(8, 8),
                "b",
                SmallModels.random(72).slice(8, 72).reshape(8, 8));
        for (boolean optimize : new boolean[] {true, false}) {
            SessionOptions options = SessionOptions.standard().optimize(optimize);
            Session session = Model.of(graph).session(options.state("a", "a1").state("b", "b1"));
            Map<String, Datum> inputs = States.copied(session, old);
            String plan = session.inspect().explain(inputs);
            assertThat(plan(session, inputs).steps().stream()
                            .filter(s -> s.node().name().endsWith(" copied")))
                    .as(what + "\n" + plan)
                    .hasSize(copies);
            if (what.startsWith("the state is read") || what.startsWith("can't")) {
                assertThat(plan).contains("near miss of state", what);
            }
            Outputs found = session.predict(inputs);
            Model.of(graph)
                    .session(options)
                    .predict(old)
                    .forEach((name, expected) -> assertThat(found.tensor(name).contentEquals((Tensor) expected))
                            .as("%s, %s%n%s", name, what, plan)
                            .isTrue());
            assertThat(found.tensor("a1")).isSameAs(inputs.get("a"));
            assertThat(found.tensor("b1")).isSameAs(inputs.get("b"));
        }
    }

    /** A step without a kernel writes its result into a state, and reads a part of another one. */
    @Test
    void stepsWithoutKernelsReadAndWriteStates() {
        Graph graph = SmallModels.graph("""
            graph g(%a: f32[64], %b: f32[2,64]) {
              %zero = const i64[1] {0}
              %one = const i64[1] {1}
              %long = const i64[1] {64}
              %none = const f32[] {-2.0}
              %row = Slice(%b, %zero, %one, %zero)
              %flat = Reshape(%row, %long)
              %all = Greater(%flat, %none)
              %some = Compress<axis=0>(%flat, %all)
              %n = Reshape(%some, %long)
              %m = Neg(%b)
              return a1=%n, b1=%m
            }
            """);
        Session session = Model.of(graph).session(states("a", "a1", "b", "b1").optimize(false));
        Tensor a = nativeRandom(64);
        Tensor b = nativeRandom(2, 64);
        Tensor row = b.slice(0, 1).copy();
        session.predict(Map.of("a", a, "b", b));
        assertThat(a.toFloatArray()).containsExactly(row.toFloatArray());
        session.predict(Map.of("a", a, "b", b));
        for (int i = 0; i < 64; i++) {
            assertThat(a.getFloat(i)).isEqualTo(-row.getFloat(i));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "y | z | input 'y', which the model does not have",
                "x | x | output 'x', which the model does not have",
                "x | sum | input x: f32[n,4] and output sum: f32[n]",
                "x | whole | input x: f32[n,4] and output whole: i32[n,4]",
                "t | u | no strings"
            })
    void statesThatDoNotFitTheModelAreRefused(String input, String output, String message) {
        Model model = SmallModels.model("""
            graph g(%x: f32[n,4], %t: string[n]) {
              %z = Neg(%x)
              %axis = const i64[1] {1}
              %sum = ReduceSum<keepdims=0>(%x, %axis)
              %whole = Cast<to=6>(%x)
              %u = Identity(%t)
              return %z, %sum, %whole, %u
            }
            """);
        assertThat(Typed.failure(() -> model.session(states(input, output))))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("SessionOptions.state")
                .hasMessageContaining(message);
        assertThat(Typed.failure(() -> states("x", "z", "x", "sum"))).isInstanceOf(InvalidOptionException.class);
        assertThat(Typed.failure(() -> states("x", "z", "t", "z")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("each output once");
        assertThat(states("x", "z")).isEqualTo(states("x", "z")).isNotEqualTo(states());
        assertThat(states("x", "z").states()).containsExactly(Map.entry("x", "z"));
    }

    private static Tensor over(Arena arena, int shift) {
        return Tensor.of(DType.FLOAT32, arena.allocate(16 + shift, 64).asSlice(shift), 4);
    }

    private static void refused(Session session, Map<String, Tensor> inputs, Map<String, Tensor> outputs, String why) {
        assertThat(Typed.failure(() -> session.predict(inputs, outputs)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why);
        inputs.values().stream()
                .filter(t -> t.segment().scope().isAlive())
                .forEach(t ->
                        assertThat(t.toFloatArray()).as("nothing is written").containsOnly(0));
    }

    @Test
    void memoryThatCantBeBoundIsRefused(@TempDir Path folder) throws IOException {
        Session session = SmallModels.model("graph g(%w: f32[n]) { %e = Exp(%w) return %e }")
                .session(states("w", "e"));
        Arena closed = Arena.ofShared();
        Tensor gone = over(closed, 0);
        closed.close();
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared();
                FileChannel file = FileChannel.open(
                        folder.resolve("w"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, 16, shared);
            Map<Tensor, String> all = Map.of(
                    Tensor.allocate(DType.FLOAT32, 4),
                    "memory on the Java heap",
                    over(confined, 0),
                    "memory of an arena of one thread",
                    over(shared, 4),
                    "memory that is not aligned",
                    Tensor.of(DType.FLOAT32, mapped, 4),
                    "a mapped file",
                    gone,
                    "memory of an arena that is closed",
                    Tensor.allocateNative(DType.FLOAT32, 4).asReadOnly(),
                    "a read-only tensor");
            all.forEach((w, why) -> refused(session, Map.of("w", w), Map.of(), "state 'w' to 'e': " + why));
            Tensor fit = over(shared, 0);
            refused(
                    session,
                    Map.of("w", fit),
                    Map.of("e", Tensor.allocateNative(DType.FLOAT32, 4)),
                    "other memory for the output than for the input");
            session.predict(Map.of("w", fit), Map.of("e", fit));
            assertThat(fit.toFloatArray()).containsOnly(1);
        }
    }

    @Test
    void statesShareNoMemoryWithEachOtherAndWithOutputs() {
        Session session = SmallModels.model("""
            graph g(%a: f32[n], %b: f32[m], %x: f32[n]) {
              %a1 = Exp(%a)
              %b1 = Exp(%b)
              %y = Add(%x, %a1)
              return %a1, %b1, %y
            }
            """).session(states("a", "a1", "b", "b1"));
        Tensor both = Tensor.allocateNative(DType.FLOAT32, 64);
        Tensor x = Tensor.allocateNative(DType.FLOAT32, 32);
        Tensor left = both.slice(0, 32);
        Tensor right = both.slice(32, 64);
        refused(session, Map.of("a", left, "b", both, "x", x), Map.of(), "memory of state 'a' to 'a1'");
        refused(session, Map.of("a", left, "b", both.slice(16, 64), "x", x), Map.of(), "memory of state");
        refused(
                session,
                Map.of("a", left, "b", right, "x", x),
                Map.of("y", both.slice(16, 48)),
                "output 'y': memory of state 'b' to 'b1'");
        // An input that shares the memory has the values from before the call.
        Tensor y = Tensor.allocateNative(DType.FLOAT32, 32);
        session.predict(Map.of("a", left, "b", right, "x", left), Map.of("y", y));
        assertThat(y.toFloatArray()).containsOnly(1);
        assertThat(both.toFloatArray()).containsOnly(1);
    }

    /** A session whose kernel runs an action before it doubles its operand. */
    private static Session acting(Consumer<Tensor> action, Tensor w) {
        OnnxFile snap = OnnxFile.graph("snap")
                .imports(Snap.DOMAIN, 2)
                .input("w", "f32[n]")
                .node(Snap.DOMAIN, "Snap", List.of("w"), List.of("half"))
                .node("Add", List.of("half", "half"), List.of("next"))
                .output("next", "f32[n]");
        CustomKernel.Factory<Snap> kernels = (op, in, out) -> Optional.of((segments, from, to) -> {
            action.accept(w);
            segments[1].copyFrom(segments[0]);
        });
        OpLibrary library = OpLibrary.empty().with(Snap.DEFINITION, kernels);
        return Model.load(ByteBuffer.wrap(snap.bytes()), LoadOptions.standard().operators(library))
                .session(states("w", "next").threads(1));
    }

    @Test
    void aStateHasOneCallAtATime() {
        Session other = SmallModels.model("graph g(%w: f32[n]) { %e = Neg(%w) return %e }")
                .session(states("w", "e"));
        Tensor w = Tensor.allocateNative(DType.FLOAT32, 48);
        w.setDouble(40, 1);
        List<Throwable> failures = new ArrayList<>();
        Session session = acting(
                t -> {
                    failures.add(Typed.failure(() -> other.predict(Map.of("w", t.slice(16, 48)))));
                    other.predict(Map.of("w", nativeRandom(48)));
                },
                w);
        session.predict(Map.of("w", w));
        assertThat(failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e)
                                .hasMessageContaining("state 'w' to 'e': memory that is a state of another call"));
        assertThat(w.getFloat(40)).isEqualTo(2);
        other.predict(Map.of("w", w));
        assertThat(w.getFloat(40)).isEqualTo(-2);
    }

    @Test
    void aCallThatEndsEarlyGivesItsStatesBack() {
        Tensor w = Tensor.allocateNative(DType.FLOAT32, 16);
        boolean[] ends = new boolean[1];
        Session session = acting(t -> ends[0] = true, w);
        assertThatThrownBy(() -> session.predict(Map.of("w", w), () -> ends[0]))
                .isInstanceOf(InterruptedPredictionException.class);
        w.setDouble(0, 3);
        session.predict(Map.of("w", w));
        assertThat(w.getFloat(0)).isEqualTo(6);
    }

    @Test
    void preparingProfilingAndWarmingUpChangeNoState() {
        Session session = SmallModels.model(SGD).session(states("w", "next"));
        Tensor w = nativeRandom(8, 8);
        Map<String, Tensor> inputs = Map.of("w", w, "g", nativeRandom(8, 8));
        PreparedCall call = session.prepare(inputs);
        session.inspect().profile(inputs, 3);
        session.warmUp(Map.of("w", new long[] {8, 8}, "g", new long[] {8, 8}));
        assertThat(w.contentEquals(SmallModels.random(8, 8))).isTrue();
        call.run();
        assertThat(call.output("next")).isSameAs(w);
        assertThat(w.contentEquals(SmallModels.random(8, 8))).isFalse();
    }

    @Test
    void observingAStepChangesTheStates() {
        Session session = SmallModels.model(SGD).session(states("w", "next").optimize(false));
        Tensor w = Tensor.allocateNative(DType.FLOAT32, 2, 2);
        Map<String, Tensor> seen = new LinkedHashMap<>();
        session.observe(List.of("step", "w"), (name, value) -> seen.put(name, (Tensor) value))
                .predict(Map.of("w", w, "g", Tensor.of(new float[] {100, 100, 100, 100}, 2, 2)));
        assertThat(seen.get("w").toFloatArray()).containsOnly(0);
        assertThat(seen.get("step").toFloatArray()).containsOnly(1);
        assertThat(w.toFloatArray()).containsOnly(-1);
    }

    @Test
    void aSavedSessionHasNoStates(@TempDir Path folder) {
        Path file = folder.resolve("sgd.tenon");
        SmallModels.model(SGD).session(states("w", "next")).save(file);
        Model loaded = Model.load(file);
        Map<String, Tensor> inputs = Map.of("w", SmallModels.random(3, 3), "g", SmallModels.random(3, 3));
        Tensor next = loaded.session().predict(inputs).tensor("next");
        Tensor w = nativeRandom(3, 3);
        loaded.session(states("w", "next")).predict(Map.of("w", w, "g", SmallModels.random(3, 3)));
        assertThat(w.contentEquals(next)).isTrue();
    }

    @Test
    void statesAreNotServedInBatches() {
        Session session = SmallModels.model(SGD).session(states("w", "next"));
        for (BatchOptions options :
                List.of(BatchOptions.standard(), BatchOptions.standard().maxRows(1))) {
            assertThat(Typed.failure(() -> Batcher.of(session, options)))
                    .isInstanceOf(NotBatchableException.class)
                    .hasMessageContaining("states: {w=next}");
        }
        assertThat(Typed.failure(() ->
                        Bulk.of(session).results(List.<Map<String, Tensor>>of().iterator(), item -> item)))
                .isInstanceOf(NotBatchableException.class);
    }
}
