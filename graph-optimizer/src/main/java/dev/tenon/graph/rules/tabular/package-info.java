/**
 * Rules that express operators of models for tables by operators of the main domain, so that vector kernels run them and fusion
 * takes them.
 *
 * <p>Trees and support vector machines do not belong here, except with the linear kernel: they have kernels. To add a rule, see {@link
 * dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.tabular;
