package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Op;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.Softmax;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KernelSetTest {
    private static final KernelLowering<Op> NONE = (op, step) -> null;

    private final AtomicInteger made = new AtomicInteger();

    /** A gate to a family of some element-wise operators. */
    private KernelSet gate(Set<Class<? extends Op>> family) {
        return KernelSet.of(type -> {
            if (!Elementwise.class.isAssignableFrom(type)) {
                return null;
            }
            made.incrementAndGet();
            return family.contains(type) ? NONE : null;
        });
    }

    @Test
    void familyIsMadeWhenOneOfItsOperatorsIsFirstLookedUp() {
        KernelSet set = KernelSet.empty().plus(gate(Set.of(Abs.class, Neg.class)));
        assertThat(set.has(Softmax.class)).isFalse();
        assertThat(made).hasValue(0);
        assertThat(set.has(Abs.class)).isTrue();
        assertThat(set.has(Abs.class)).isTrue();
        assertThat(made).hasValue(1);
    }

    @Test
    void operatorThatItsFamilyDoesNotHaveIsNotFound() {
        KernelSet set = gate(Set.of(Abs.class));
        assertThat(set.has(Neg.class)).isFalse();
        assertThat(set.has(Abs.class)).isTrue();
    }

    @Test
    void kernelsOfTheSetThatIsAddedWin() {
        KernelLowering<Op> counting = (op, step) -> {
            made.incrementAndGet();
            return null;
        };
        KernelSet set = KernelSet.empty().with(Abs.class, NONE);
        KernelRequest step = KernelRequest.of(List.of(), List.of(), Capabilities.SCALAR);
        set.prepare(new Abs(), step);
        assertThat(made).hasValue(0);
        set.plus(KernelSet.empty().with(Abs.class, counting)).prepare(new Abs(), step);
        assertThat(made).hasValue(1);
        assertThat(set.constantLayout(new Neg(), 0, step)).isEqualTo(Layout.ROW_MAJOR);
        assertThat(set.prepare(new Neg(), step)).isNull();
    }
}
