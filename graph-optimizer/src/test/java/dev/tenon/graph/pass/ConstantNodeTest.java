package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelSet;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which constants kernels compute, and what the kernels are given. */
class ConstantNodeTest {
    /** A kernel that writes sevens and keeps its operands. */
    private static final class Sevens implements Kernel {
        private final int inputs;
        private long shared;
        private long scratch;
        private long nanos = 1;
        private boolean copies;
        private MemorySegment[] operands;
        private MemorySegment memory;

        Sevens(int inputs) {
            this.inputs = inputs;
        }

        @Override
        public String id() {
            return "sevens";
        }

        @Override
        public int parts() {
            return 1;
        }

        @Override
        public long partNanos() {
            return nanos;
        }

        @Override
        public long sharedBytes() {
            return shared;
        }

        @Override
        public long scratchBytes() {
            return scratch;
        }

        @Override
        public boolean copiesOnly(int input) {
            return copies;
        }

        @Override
        public void run(MemorySegment[] all, MemorySegment own, int from, int to) {
            operands = all.clone();
            memory = own;
            int outputs = all.length - (shared > 0 ? 1 : 0);
            for (int i = inputs; i < outputs; i++) {
                for (long k = 0; all[i] != null && k < all[i].byteSize() / Float.BYTES; k++) {
                    all[i].setAtIndex(ValueLayout.JAVA_FLOAT, k, 7);
                }
            }
        }

        /** The set with this kernel for all operators. */
        KernelSet set() {
            return KernelSet.of(type -> (op, step) -> this);
        }
    }

    private static Node node(String text, Tensor... constants) {
        Map<String, Tensor> named = new HashMap<>();
        for (int i = 0; i < constants.length; i++) {
            named.put("c" + i, constants[i]);
        }
        Graph graph = GraphText.parse(text, Graphs.OPERATORS, named::get);
        return graph.nodes().getFirst();
    }

    private static List<Datum> of(KernelSet kernels, Node node) {
        List<Datum> values = new ArrayList<>();
        node.inputs().forEach(v -> values.add(v == null ? null : v.constant()));
        return new ConstantNode(kernels, Capabilities.SCALAR).of(node, values);
    }

    private static Node product(int m, int k, int n) {
        return node(
                "graph main() {\n%a = const f32[" + m + "," + k + "] @c0\n%b = const f32[" + k + "," + n
                        + "] @c1\n%y = MatMul(%a, %b)\nreturn %y\n}\n",
                Tensor.allocate(DType.FLOAT32, m, k),
                Tensor.allocate(DType.FLOAT32, k, n));
    }

    private static float first(List<Datum> results) {
        return ((Tensor) results.getFirst()).getFloat(0);
    }

    /** A product has two operations for each element of each row. */
    @ParameterizedTest
    @CsvSource({"64, 0", "65, 7"})
    void kernelsComputeMoreThanAMillionOperations(int columns, float expected) {
        Sevens kernel = new Sevens(2);
        assertThat(first(of(kernel.set(), product(128, 64, columns)))).isEqualTo(expected);
        assertThat(kernel.operands != null).isEqualTo(expected == 7);
    }

    @Test
    void referencesComputeWithoutKernel() {
        assertThat(first(of(KernelSet.empty(), product(128, 64, 65)))).isZero();
        assertThat(first(of(KernelSet.of(type -> (op, step) -> null), product(128, 64, 65))))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 192})
    void kernelsGetTheirMemory(long bytes) {
        Sevens kernel = new Sevens(2);
        kernel.shared = bytes;
        kernel.scratch = bytes + 64;
        assertThat(first(of(kernel.set(), product(128, 64, 65)))).isEqualTo(7);
        assertThat(kernel.operands).hasSize(bytes == 0 ? 3 : 4);
        assertThat(kernel.memory.byteSize()).isEqualTo(bytes + 64);
        if (bytes > 0) {
            assertThat(kernel.operands[3].byteSize()).isEqualTo(bytes);
        }
    }

    /** What a budget without operations ahead of calls still allows: 65536. */
    @Test
    void theWorkOfKernelsIsWhatTheyExpect() {
        Sevens kernel = new Sevens(2);
        kernel.nanos = 1 << 16;
        assertThat(first(withoutRest(kernel.set(), product(128, 64, 65)))).isEqualTo(7);
        kernel.nanos++;
        assertThatThrownBy(() -> withoutRest(kernel.set(), product(128, 64, 65)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("takes about 65537 operations to fold");
        assertThatThrownBy(() -> withoutRest(KernelSet.empty(), product(33, 32, 32)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("takes about 67584 operations to fold");
    }

    private static List<Datum> withoutRest(KernelSet kernels, Node node) {
        WorkBudget budget = WorkBudget.started("a test", new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "", ""));
        budget.countAhead(WorkBudget.AHEAD_OPERATIONS);
        return budget.run(() -> of(kernels, node));
    }

    @Test
    void operandsAndResultsThatAreLeftOutAreNull() {
        Sevens clip = new Sevens(3);
        Tensor x = Tensor.allocate(DType.FLOAT32, 1 << 20 | 1);
        Node clipped = node("""
            graph main() {
              %x = const f32[1048577] @c0
              %max = const f32[] {3.0}
              %y = Clip(%x, _, %max)
              return %y
            }
            """, x);
        assertThat(first(of(clip.set(), clipped))).isEqualTo(7);
        assertThat(clip.operands).hasSize(4);
        assertThat(Arrays.stream(clip.operands).map(o -> o == null)).containsExactly(false, true, false, false);
        Sevens split = new Sevens(1);
        Node halves = node("""
            graph main() {
              %x = const f32[2,1048576] @c0
              _, %b = Split<axis=0, num_outputs=2>(%x)
              return %b
            }
            """, Tensor.allocate(DType.FLOAT32, 2, 1 << 20));
        List<Datum> results = of(split.set(), halves);
        assertThat(results.getFirst()).isNull();
        assertThat(((Tensor) results.get(1)).getFloat(5)).isEqualTo(7);
        assertThat(split.operands[1]).isNull();
        ConstantFolding folding = new ConstantFolding(split.set(), Capabilities.SCALAR);
        Graph graph =
                GraphText.parse("""
            graph main() {
              %x = const f32[2,1048576] @c0
              _, %b = Split<axis=0, num_outputs=2>(%x)
              return %b
            }
            """, Graphs.OPERATORS, Map.of("c0", Tensor.allocate(DType.FLOAT32, 2, 1 << 20))::get);
        assertThat(folding.apply(graph).nodes()).isEmpty();
    }

    @Test
    void nodesWithoutSomeOperandsAreEstimated() {
        Node clipped = node("""
            graph main() {
              %x = const f32[2] {1.0, 5.0}
              %max = const f32[] {3.0}
              %y = Clip(%x, _, %max)
              return %y
            }
            """);
        assertThat(((Tensor) of(KernelSet.empty(), clipped).getFirst()).getFloat(1))
                .isEqualTo(3);
    }

    /** Texts are no memory of kernels. */
    @Test
    void textsAreComputedByReferences() {
        Sevens kernel = new Sevens(2);
        String[] left = new String[2048];
        String[] right = new String[1024];
        Arrays.fill(left, "a");
        Arrays.fill(right, "b");
        Node equal = node(
                """
            graph main() {
              %a = const str[2048,1] @c0
              %b = const str[1,1024] @c1
              %y = Equal(%a, %b)
              return %y
            }
            """.replace("str[", DType.STRING.text() + "["), Tensor.of(left, 2048, 1), Tensor.of(right, 1, 1024));
        assertThat(((Tensor) of(kernel.set(), equal).getFirst()).getBoolean(0)).isFalse();
        assertThat(kernel.operands).isNull();
        Node cast = node("""
            graph main() {
              %a = const f32[1048577] @c0
              %y = Cast<to=8>(%a)
              return %y
            }
            """, Tensor.allocate(DType.FLOAT32, 1 << 20 | 1));
        assertThat(((Tensor) of(kernel.set(), cast).getFirst()).getString(1 << 20))
                .startsWith("0");
        assertThat(kernel.operands).isNull();
    }

    private static MemorySegment given(Tensor x, boolean copiesOnly) {
        Sevens kernel = new Sevens(1);
        kernel.copies = copiesOnly;
        Node node = node("graph main() {\n%x = const f32[1048577] @c0\n%y = Neg(%x)\nreturn %y\n}\n", x);
        assertThat(first(of(kernel.set(), node))).isEqualTo(7);
        MemorySegment operand = kernel.operands[0];
        assertThat(operand.byteSize()).isEqualTo(x.byteSize());
        assertThat(operand.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4)).isEqualTo(x.getFloat(1));
        if (!copiesOnly) {
            assertThat(operand.isNative()).isTrue();
            assertThat(operand.isMapped()).isFalse();
            assertThat(operand.address() % 64).isZero();
        }
        return operand;
    }

    /** Kernels read native memory that is aligned. Other memory is copied, unless a kernel only copies from it. */
    @Test
    void operandsAreNativeAndAligned(@TempDir Path folder) throws IOException {
        long bytes = Float.BYTES * (1L << 20 | 1);
        Tensor heap = Tensor.allocate(DType.FLOAT32, 1 << 20 | 1);
        heap.setDouble(1, 5);
        given(heap, false);
        assertThat(given(heap, true).isNative()).isFalse();
        Tensor own = Tensor.allocateNative(DType.FLOAT32, 1 << 20 | 1);
        own.setDouble(1, 6);
        assertThat(given(own, false).address()).isEqualTo(own.segment().address());
        MemorySegment wide = Arena.ofAuto().allocate(bytes + 64, 64);
        Tensor askew = Tensor.of(DType.FLOAT32, wide.asSlice(4, bytes), 1 << 20 | 1);
        askew.setDouble(1, 4);
        given(askew, false);
        Path file = folder.resolve("numbers");
        Files.write(file, new byte[(int) bytes]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, Arena.ofAuto());
            given(Tensor.of(DType.FLOAT32, mapped, 1 << 20 | 1), false);
        }
    }

    /** Results of kernels are the caller's: not the memory that the kernel wrote. */
    @Test
    void resultsAreOwned() {
        Sevens kernel = new Sevens(2);
        Tensor result = (Tensor) of(kernel.set(), product(128, 64, 65)).getFirst();
        kernel.operands[2].setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1);
        assertThat(result.getFloat(0)).isEqualTo(7);
        assertThat(result.shape()).isEqualTo(Shape.of(128, 65));
    }
}
