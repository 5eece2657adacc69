package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidInputException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Snap;
import dev.tenon.fixtures.Typed;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tensors in native memory are read and written in place where that is possible. Results are the same as with other
 * tensors.
 */
@Tag("tiers")
class DirectTensorsTest {
    /** y = Snap(x). */
    private static final OnnxFile SNAP = OnnxFile.graph("snap")
            .imports(Snap.DOMAIN, 2)
            .input("x", "f32[n]")
            .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("y"))
            .output("y", "f32[n]");

    /** A session of {@link #SNAP} whose kernel copies its operand and shows its operands. */
    private static Session watched(Consumer<MemorySegment[]> operands) {
        CustomKernel.Factory<Snap> kernels = (op, in, out) -> Optional.of((segments, from, to) -> {
            operands.accept(segments);
            segments[1].copyFrom(segments[0]);
        });
        OpLibrary library = OpLibrary.empty().with(Snap.DEFINITION, kernels);
        return Model.load(ByteBuffer.wrap(SNAP.bytes()), LoadOptions.standard().operators(library))
                .session();
    }

    private static Tensor nativeCopy(Tensor t) {
        Tensor copy = Tensor.allocateNative(t.dtype(), t.dims());
        copy.copyFrom(t);
        return copy;
    }

    private static Tensor over(Arena arena, long align, long shift) {
        MemorySegment memory = arena.allocate(16 + shift, align).asSlice(shift);
        Tensor t = Tensor.of(DType.FLOAT32, memory, 4);
        t.copyFrom(Tensor.of(new float[] {1, 2, 3, 4}));
        return t;
    }

    private static List<Long> seen(Tensor x, Tensor y) {
        List<Long> addresses = new ArrayList<>();
        Session session = watched(o -> addresses.addAll(List.of(o[0].address(), o[1].address())));
        session.predict(Map.of("x", x), Map.of("y", y));
        assertThat(y.toFloatArray()).containsExactly(1, 2, 3, 4);
        return addresses;
    }

    @Test
    void alignedNativeTensorsAreOperands() {
        Tensor x = nativeCopy(Tensor.of(new float[] {1, 2, 3, 4}));
        Tensor y = Tensor.allocateNative(DType.FLOAT32, 4);
        assertThat(seen(x, y))
                .containsExactly(x.segment().address(), y.segment().address());
        assertThat(seen(x.asReadOnly(), Tensor.allocate(DType.FLOAT32, 4)))
                .startsWith(x.segment().address());
        assertThat(seen(x.copy(), y)).endsWith(y.segment().address());
    }

    @Test
    void memoryOfAnotherKindIsCopied() {
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            Tensor y = Tensor.allocateNative(DType.FLOAT32, 4);
            Tensor odd = over(shared, 64, 4);
            assertThat(seen(odd, y)).doesNotContain(odd.segment().address());
            Tensor own = over(confined, 64, 0);
            assertThat(seen(own, y)).doesNotContain(own.segment().address());
            Tensor fit = over(shared, 64, 0);
            assertThat(seen(fit, y)).contains(fit.segment().address());
        }
    }

    @Test
    void anOutputOverAnInputIsRightAllTheSame() {
        Tensor x = nativeCopy(Tensor.of(new float[] {1, 2, 3, 4}));
        assertThat(seen(x, x)).startsWith(x.segment().address()).doesNotHaveDuplicates();
    }

    @Test
    void aCacheMayBeInputAndOutput() {
        Session session = SmallModels.model("""
                graph g(%past: f32[b,2,n,4], %new: f32[b,2,m,4], %at: i64[b]) {
                  %present = TensorScatter<axis=2>(%past, %new, %at)
                  %sum = ReduceSum<keepdims=0>(%present)
                  return %present, %sum
                }""").session();
        Tensor cache = nativeCopy(Tensor.allocate(DType.FLOAT32, 2, 2, 9, 4));
        Tensor expected = cache.copy();
        for (int round = 0; round < 20; round++) {
            Tensor added = SmallModels.random(16, 1).reshape(2, 2, 1, 4);
            Tensor at = Tensor.of(new long[] {round % 9, (round + 3) % 9});
            expected = session.predict(Map.of("past", expected, "new", added, "at", at))
                    .tensor("present");
            session.predict(Map.of("past", cache, "new", added, "at", at), Map.of("present", cache));
            assertThat(cache.contentEquals(expected)).isTrue();
        }
    }

    @Test
    void anAccumulatorMayBeInputAndOutput() {
        for (String sum : List.of("Add(%t, %x)", "Add(%x, %t)")) {
            Session session = SmallModels.model(
                            "graph g(%x: f32[n,n], %a: f32[n,n]) {\n%t = Softmax(%a)\n%y = " + sum + "\nreturn %y\n}")
                    .session(SessionOptions.standard().optimize(false));
            Tensor a = nativeCopy(SmallModels.random(33, 33));
            Tensor x = nativeCopy(SmallModels.random(33, 33));
            Tensor expected =
                    session.predict(Map.of("x", x.copy(), "a", a.copy())).tensor("y");
            session.predict(Map.of("x", x, "a", a), Map.of("y", x));
            assertThat(x.contentEquals(expected)).as(sum).isTrue();
        }
    }

    @Test
    void anArenaThatIsClosedDuringACallIsATypedError() {
        Arena shared = Arena.ofShared();
        Tensor x = over(shared, 64, 0);
        Session session = watched(o -> {
            if (shared.scope().isAlive()) {
                shared.close();
            }
        });
        assertThat(Typed.failure(() -> session.predict(Map.of("x", x))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("Arena.ofAuto()");
        assertThat(session.predict(Map.of("x", Tensor.of(new float[] {7}))).keySet())
                .containsExactly("y");
    }

    @Test
    void nothingOfTheCallerIsHeldAfterwards() throws InterruptedException {
        Session session = watched(o -> {});
        WeakReference<MemorySegment> held = called(session);
        for (int i = 0; i < 100 && held.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(held.get()).isNull();
        assertThat(session.model().inputs()).hasSize(1);
    }

    private static WeakReference<MemorySegment> called(Session session) {
        Tensor x = Tensor.allocateNative(DType.FLOAT32, 4);
        session.predict(Map.of("x", x), Map.of("y", Tensor.allocateNative(DType.FLOAT32, 4)));
        return new WeakReference<>(x.segment());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%y = Relu(%x)\n return %y",
                "%y = Identity(%x)\n return %y",
                "%y = Relu(%x)\n return %y, %x",
                "%r = Relu(%x)\n %y = Add(%r, %x)\n return %r, %y",
                "%y = Concat<axis=0>(%x, %x)\n return %y",
                "%r = Relu(%x)\n %s = Neg(%x)\n %y = Concat<axis=0>(%r, %s)\n %z = Exp(%y)\n return %y, %z",
                "%f = Flatten<axis=0>(%x)\n %y = Sigmoid(%f)\n %z = Relu(%x)\n return %y, %z",
                "%m = MatMul(%x, %x)\n %y = Tanh(%m)\n return %y, %m"
            })
    void everyMemoryGivesTheSame(String body) {
        Session session =
                SmallModels.model("graph g(%x: f32[n,n]) {\n" + body + "\n}").session();
        Tensor x = SmallModels.random(33, 33);
        Outputs expected = session.predict(Map.of("x", x.copy()));
        Tensor input = nativeCopy(x);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        expected.forEach((name, t) -> outputs.put(name, nativeCopy((Tensor) t)));
        for (int round = 0; round < 2; round++) {
            outputs.replaceAll((name, t) -> Tensor.allocateNative(t.dtype(), t.dims()));
            session.predict(Map.of("x", input), outputs);
            outputs.forEach((name, t) ->
                    assertThat(t.contentEquals(expected.tensor(name))).as(name).isTrue());
            assertThat(input.contentEquals(x)).isTrue();
            Outputs mixed = session.predict(Map.of("x", input));
            mixed.forEach((name, t) -> assertThat(((Tensor) t).contentEquals(expected.tensor(name)))
                    .as(name)
                    .isTrue());
        }
        PreparedCall call = session.prepare(Map.of("x", input));
        input.copyFrom(Tensor.allocate(DType.FLOAT32, 33, 33));
        call.run();
        input.copyFrom(x);
        call.run();
        expected.forEach((name, t) ->
                assertThat(call.output(name).contentEquals((Tensor) t)).as(name).isTrue());
    }
}
