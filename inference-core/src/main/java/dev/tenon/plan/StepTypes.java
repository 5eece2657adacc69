package dev.tenon.plan;

import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The types of what a step takes and gives.
 *
 * @param inputs the types of the operands, null for absent ones
 * @param outputs the types of the outputs, null for absent ones
 */
public record StepTypes(List<? extends ValueType> inputs, List<? extends ValueType> outputs) {}
