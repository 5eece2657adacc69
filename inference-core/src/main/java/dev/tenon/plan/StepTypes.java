package dev.tenon.plan;

import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The types of the operands and outputs of a step.
 *
 * @param inputs the types of the operands, null for operands that are left out
 * @param outputs the types of the outputs, null for outputs that are left out
 */
public record StepTypes(List<? extends ValueType> inputs, List<? extends ValueType> outputs) {}
