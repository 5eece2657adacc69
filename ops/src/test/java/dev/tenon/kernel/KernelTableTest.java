package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.nativecode.CodeRefusedException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a table does when a kernel can't be made. */
class KernelTableTest {
    private record Named(String id) implements Kernel {
        @Override
        public int parts() {
            return 1;
        }

        @Override
        public long partNanos() {
            return 1;
        }

        @Override
        public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {}
    }

    private static final KernelChoice<Integer> REFUSED =
            new KernelChoice<>("refused", (p, c) -> p > 5 ? "too large" : null, p -> {
                throw new CodeRefusedException("the system gives no memory for code");
            });

    @Test
    void theNextKernelStandsInForOneWhoseCodeIsRefused() {
        KernelTable<Integer> table = new KernelTable<>(
                "family", List.of(REFUSED, new KernelChoice<>("other", (p, c) -> null, p -> new Named("other"))));
        assertThat(table.prepare(3, Capabilities.SCALAR).id()).isEqualTo("other");
        assertThat(table.prepare(7, Capabilities.SCALAR).id()).isEqualTo("other");
        assertThat(table.choose(3, Capabilities.SCALAR).choice().id()).isEqualTo("refused");
    }

    @Test
    void withoutAnotherKernelTheRefusalIsSaid() {
        KernelTable<Integer> table = new KernelTable<>("family", List.of(REFUSED));
        assertThatThrownBy(() -> table.prepare(3, Capabilities.SCALAR))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessage("family: the system gives no memory for code; start java with -Dtenon.native=off")
                .hasCauseInstanceOf(CodeRefusedException.class);
        assertThat(table.prepare(7, Capabilities.SCALAR)).isNull();
    }
}
