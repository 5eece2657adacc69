package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.formats.Preparation;
import dev.tenon.formats.Preparation.PackedConstant;
import dev.tenon.graph.Graph;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.vector.VectorTier;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Weights that were packed by this machine or another one. */
@Tag("vector")
@Tag("short")
class PackedWeightsTest {
    /** The checksums of the packed weights of the perceptron by the bits of a vector. A panel is two vectors wide. */
    private static final Map<Integer, Long> PACKED_CHECKSUMS =
            Map.of(512, 989545281L, 256, 2907810218L, 128, 3842764044L);

    @Test
    void weightsForAnotherMachineArePackedAnew() {
        Graph graph = Pipeline.standard().apply(SmallModels.perceptron().graph());
        Capabilities[] machines = {Capabilities.avx512(), Capabilities.avx2(), Capabilities.SCALAR};
        for (Capabilities here : machines) {
            Program fresh = new Program(graph, CoreKernels.set(), here);
            for (Capabilities there : machines) {
                Program elsewhere = new Program(graph, CoreKernels.set(), there);
                List<PackedConstant> packed = elsewhere.packed().stream()
                        .map(PackedWeightsTest::checked)
                        .toList();
                Preparation prepared = new Preparation("", "", packed, List.of(), List.of());
                Program program = new Program(graph, CoreKernels.set(), here, prepared);
                for (var node : graph.nodes()) {
                    for (int i = 0; i < node.inputs().size(); i++) {
                        Layout layout = program.layouts(node).get(i);
                        if (!layout.equals(Layout.ROW_MAJOR)) {
                            Tensor constant = node.input(i).constant();
                            assertThat(program.segment(constant, layout).mismatch(fresh.segment(constant, layout)))
                                    .isEqualTo(-1);
                        }
                    }
                }
            }
        }
    }

    private static PackedConstant checked(PackedConstant c) {
        CRC32C crc = new CRC32C();
        crc.update(c.bytes().asByteBuffer());
        return new PackedConstant(c.node(), c.input(), c.layout(), c.bytes(), (int) crc.getValue());
    }

    @Test
    void packedBytesAreAsTheFormatVersionSays() {
        // A change of these bytes needs a new PackageLayout.VERSION, because packages contain them.
        Graph graph = Pipeline.standard().apply(SmallModels.perceptron().graph());
        Capabilities here = VectorTier.capabilities(Caches.TYPICAL).withMinVectorNanos(0);
        Program program = new Program(graph, CoreKernels.set(), here);
        CRC32C crc = new CRC32C();
        program.packed().forEach(c -> {
            MemorySegment bytes = c.bytes();
            crc.update(bytes.asByteBuffer());
        });
        assertThat(program.packed())
                .extracting(c -> c.layout())
                .containsOnly("panels" + 2 * here.vectorBits() / Float.SIZE);
        assertThat(crc.getValue()).isEqualTo(PACKED_CHECKSUMS.get(here.vectorBits()));
    }
}
