package dev.tenon.plan;

import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;

/** Where a value of a plan is found while the plan runs. */
public sealed interface ValueLocation {
    /**
     * A tensor of known shape in a buffer of the plan.
     *
     * @param buffer the buffer's index
     * @param offset where it begins in the buffer, in bytes, a multiple of {@link MemoryPlan#ALIGNMENT}
     * @param type the element type and known shape
     */
    record InBuffer(int buffer, long offset, TensorType type) implements ValueLocation {
        /**
         * A tensor at the beginning of a buffer.
         *
         * @param buffer the buffer's index
         * @param type the element type and known shape
         */
        public InBuffer(int buffer, TensorType type) {
            this(buffer, 0, type);
        }
    }

    /**
     * A value that is known before the plan runs.
     *
     * @param tensor the value
     */
    record Fixed(Tensor tensor) implements ValueLocation {}

    /**
     * A datum whose shape is only known during the run, or that is no tensor.
     *
     * @param slot the index of its slot
     */
    record InSlot(int slot) implements ValueLocation {}
}
