/* One example at a time through 784-128-10 (ReLU, softmax, cross entropy), by hand for these sizes alone: how
 * fast the machine can be made to go at it.
 *
 * W1 [784][128] has a row for each input, W2 [10][128] one for each output, so that every loop runs along the
 * hidden neurons. With skip, inputs that are 0 are left out, which changes no result; without, the update of
 * an example and the forward pass of the next go over W1 together, so that it is read and written once.
 *
 * Vectors are the compiler's own, 16 floats wide, and become what the processor has. Only the search for
 * what is not zero needs instructions that they do not have.
 */
#include <math.h>
#include <string.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define INPUTS 784
#define HIDDEN 128
#define OUTPUTS 10
#define LANES 16
#define VECTORS (HIDDEN / LANES)

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define EACH for (int v = 0; v < VECTORS; v++)

static int find_nonzero(const float *x, int *where) {
  int n = 0;
#ifdef __AVX512F__
  __m512i place = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (int j = 0; j < INPUTS; j += LANES, place = _mm512_add_epi32(place, _mm512_set1_epi32(LANES))) {
    __mmask16 some = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + j), _mm512_setzero_ps(), _CMP_NEQ_UQ);
    _mm512_storeu_si512(where + n, _mm512_maskz_compress_epi32(some, place));
    n += __builtin_popcount(some);
  }
#else
  for (int j = 0; j < INPUTS; j++) {
    where[n] = j;
    n += x[j] != 0;
  }
#endif
  return n;
}

/* W1 += x step^T over the rows named. */
static void update_rows(float *W1, const float *x, const int *rows, int n, const vec *step) {
  for (int k = 0; k < n; k++) {
    vec *w = (vec *)(W1 + rows[k] * HIDDEN);
    float input = x[rows[k]];
    EACH w[v] += input * step[v];
  }
}

static void add_rows(const float *W1, const float *x, const int *rows, int n, vec *z) {
  vec sum[VECTORS];
  EACH sum[v] = z[v];
  for (int k = 0; k < n; k++) {
    const vec *w = (const vec *)(W1 + rows[k] * HIDDEN);
    float input = x[rows[k]];
    EACH sum[v] += input * w[v];
  }
  EACH z[v] = sum[v];
}

/* W1 += before step^T and z += W1^T x, in one go over W1. */
static void update_and_add(float *W1, const float *before, const vec *step, const float *x, vec *z) {
  vec sum[VECTORS], by[VECTORS];
  EACH sum[v] = z[v], by[v] = step[v];
  for (int j = 0; j < INPUTS; j++) {
    vec *w = (vec *)(W1 + j * HIDDEN);
    float was = before[j], is = x[j];
    EACH {
      vec now = w[v] + was * by[v];
      w[v] = now;
      sum[v] += is * now;
    }
  }
  EACH z[v] = sum[v];
}

static float total(vec x) {
  float sum = 0;
  for (int i = 0; i < LANES; i++) sum += x[i];
  return sum;
}

/* From the weighted sums of the hidden layer to its step (minus rate times its error term): the outputs, the
 * loss, and the update of all but W1. */
static float finish(const vec *z, int label, float *W2, float *b1, float *b2, float rate, vec *step) {
  vec a[VECTORS], back[VECTORS];
  lanes on[VECTORS];
  float p[OUTPUTS], top = -INFINITY, sum = 0;
  EACH {
    on[v] = z[v] > 0;
    a[v] = (vec)((lanes)z[v] & on[v]);
    back[v] = (vec){0};
  }
  for (int k = 0; k < OUTPUTS; k++) {
    vec dot = {0};
    const vec *w = (const vec *)(W2 + k * HIDDEN);
    EACH dot += w[v] * a[v];
    p[k] = total(dot) + b2[k];
    top = p[k] > top ? p[k] : top;
  }
  for (int k = 0; k < OUTPUTS; k++) sum += p[k] = expf(p[k] - top);
  for (int k = 0; k < OUTPUTS; k++) p[k] /= sum;
  float loss = -logf(p[label]);
  p[label] -= 1; /* the output layer's error term */
  for (int k = 0; k < OUTPUTS; k++) {
    vec *w = (vec *)(W2 + k * HIDDEN);
    float error = p[k], by = rate * p[k];
    EACH {
      back[v] += error * w[v];
      w[v] -= by * a[v];
    }
    b2[k] -= by;
  }
  vec *b = (vec *)b1;
  EACH {
    step[v] = -rate * (vec)((lanes)back[v] & on[v]);
    b[v] += step[v];
  }
  return loss;
}

/* Goes through n examples in order and gives the mean loss. */
double learn(const float *X, const int *labels, const int *order, int n, float *W1, float *b1, float *W2,
             float *b2, float rate, int skip) {
  static const float nothing[INPUTS];
  int rows[INPUTS + LANES];
  const float *before = nothing;
  vec z[VECTORS], step[VECTORS];
  double loss = 0;
  memset(step, 0, sizeof step);
  for (int i = 0; i < n; i++) {
    const float *x = X + (size_t)order[i] * INPUTS;
    EACH z[v] = ((const vec *)b1)[v];
    int found = 0;
    if (skip) {
      found = find_nonzero(x, rows);
      add_rows(W1, x, rows, found, z);
    } else {
      update_and_add(W1, before, step, x, z);
    }
    loss += finish(z, labels[order[i]], W2, b1, b2, rate, step);
    if (skip) update_rows(W1, x, rows, found, step);
    before = x;
  }
  if (!skip) { /* the last example's update is still to be made */
    for (int j = 0; j < INPUTS; j++) {
      vec *w = (vec *)(W1 + j * HIDDEN);
      EACH w[v] += before[j] * step[v];
    }
  }
  return loss / n;
}
