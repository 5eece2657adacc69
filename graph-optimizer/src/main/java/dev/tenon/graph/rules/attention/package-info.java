/**
 * Rules that find attention and rotary embedding in the operators that exporters write for them, and merge the
 * projections of queries, keys and values. {@code CausalMask} proves that a computed mask is causal, {@code
 * DuplicatedHalves} that a table of angles has everything twice. {@code RoundedAttentionRules} find attention in statically
 * quantised models.
 *
 * <p>The key-value cache of decoders is a matter of a pass, {@code KvCacheFusion}. To add a rule, see {@link
 * dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.attention;
