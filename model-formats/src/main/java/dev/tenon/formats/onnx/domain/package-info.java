/**
 * The operators of the standard's domains: a table for each domain, and the lowerings of older versions.
 *
 * <p>A new operator of the main domain is a row in {@link dev.tenon.formats.onnx.domain.StandardDomain}:
 * {@code t.same(28, "SwiGLU")}. An operator that had another form in older versions says in which, {@code t.older(1, 6, "Selu")},
 * and has a line among the lowerings, {@code case "Selu" -> AttributeLowerings::selu}. A new version of the operator set
 * raises {@code NEWEST}. A
 * new domain is a class beside these, and a line in {@code OnnxDomains}.
 *
 * <p>Operators of ONNX Runtime do not belong here, but in {@code microsoft}.
 */
package dev.tenon.formats.onnx.domain;
