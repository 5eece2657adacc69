/**
 * Kernels of {@code Fused}: how a body of element-wise operators is recognised, once, and handed to the family of its anchor.
 *
 * <p>A family whose kernels can apply a body is an {@code AnchorFamily}. To let one more family do so: implement it.
 *
 * <p>Must not live here: families of anchors, which this package does not know.
 */
package dev.tenon.kernel.table.fused;
